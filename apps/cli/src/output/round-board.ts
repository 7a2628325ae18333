import type { RoundView } from '#protocol';

import { hasEnded } from '../round-life.js';
import { renderRow, renderTitles } from './progress.js';
import type { Screen } from './screen.js';

/** A model's figures come a moment after it; rather no figures than no row. */
const FIGURES_MS = 20_000;

/** Whether a round's row will not change any more. @param now  unix ms */
export function isSettled(round: RoundView, now: number): boolean {
  if (!hasEnded(round)) return false;
  if (round.state === 'abandoned' || round.evaluates !== null || round.accuracy !== null) return true;
  return now - Date.parse(round.publishedAt ?? '') > FIGURES_MS;
}

/**
 * Rounds as they go: a row stays once its round is settled, and the one after it moves. Rounds that a plan had no need
 * for share a sentence.
 */
export class RoundBoard {
  #settled = 0;
  #titled = false;

  constructor(private readonly screen: Screen) {}

  /** @param rounds  in ascending sequence, the same ones at every call. @param now  unix ms */
  update(rounds: readonly RoundView[], now: number): void {
    const { screen } = this;
    if (!this.#titled) screen.line(renderTitles(screen.look));
    this.#titled = true;
    for (let next = rounds[this.#settled]; next !== undefined && isSettled(next, now); next = rounds[this.#settled]) {
      if (next.reason !== 'plan_done') screen.line(renderRow(next, now, screen.look));
      else if (rounds[this.#settled - 1]?.reason !== 'plan_done') screen.line(next.detail ?? '');
      this.#settled += 1;
    }
    const moving = rounds.slice(this.#settled).filter(({ state }, i) => i === 0 || state !== 'scheduled');
    const waiting = moving.flatMap(({ state, waitsFor }) => (state === 'open' ? [] : (waitsFor ?? [])));
    screen.move([...moving.map((round) => renderRow(round, now, screen.look)), ...waiting].join('\n'));
  }
}
