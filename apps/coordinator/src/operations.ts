import { setTimeout as sleep } from 'node:timers/promises';

import type { OperationRates, OperationsView, QueueView } from '#protocol';

import { readProcess, TOTALS, type Reading, type WatchedProcess } from './process-watch.js';
import { SharedReads } from './shared-reads.js';

/** Rates are over what is between the newest look and the oldest that is not older than this, ms. */
const WINDOW_MS = 15_000;
/** Between two looks, and so the shortest time that rates are over, ms. */
const APART_MS = 1000;

interface Look {
  /** ms of a clock that only goes forward */
  readonly at: number;
  readonly readings: readonly Reading[];
}

/** How the deployment is doing, asked of its processes when somebody wants to know, and not before. */
export class Operations {
  #looks: Look[] = [];
  readonly #shared = new SharedReads(() => this.#find());

  constructor(
    private readonly processes: readonly WatchedProcess[],
    private readonly queues: () => Promise<readonly QueueView[]>,
  ) {}

  /** However many ask at once, the processes are asked once a second. */
  find(): Promise<OperationsView> {
    return this.#shared.get('');
  }

  async #find(): Promise<OperationsView> {
    const before = this.#looks.filter(({ at }) => performance.now() - at < WINDOW_MS);
    // Rates need two looks: the first one after a while is followed by another.
    const [first = await this.#look()] = before;
    this.#looks = before.length === 0 ? [first] : before;
    const rest = this.#looks.at(-1)!.at + APART_MS - performance.now();
    if (rest > 0 && this.#looks.length === 1) await sleep(rest);
    if (rest <= 0 || this.#looks.length === 1) this.#looks.push(await this.#look());
    const last = this.#looks.at(-1)!;
    return {
      processes: last.readings.map(({ view }) => view),
      queues: [...(await this.queues())],
      rates: ratesBetween(first, last),
      refusals: refusalsOf(last),
    };
  }

  async #look(): Promise<Look> {
    const readings = await Promise.all(this.processes.map(readProcess));
    return { at: performance.now(), readings };
  }
}

export function ratesBetween(first: Look, last: Look): OperationRates {
  const seconds = Math.max(0.001, (last.at - first.at) / 1000);
  const rate = (metric: string): number => {
    const grown = last.readings.map(({ view, totals }) => {
      const before = first.readings.find((reading) => reading.view.name === view.name)?.totals[metric] ?? 0;
      const now = totals[metric] ?? 0;
      // A process that was started again counts from nought; one that is away counts nothing.
      return now >= before ? now - before : now;
    });
    return Math.round((1000 * grown.reduce((sum, n) => sum + n, 0)) / seconds) / 1000;
  };
  return {
    issuedPerSecond: rate(TOTALS.issued),
    redeemedPerSecond: rate(TOTALS.redeemed),
    acceptedPerSecond: rate(TOTALS.accepted),
    refusedPerSecond: rate(TOTALS.refused),
    shedPerSecond: rate(TOTALS.shed),
  };
}

function refusalsOf({ readings }: Look): { code: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { refusals } of readings)
    for (const [code, count] of Object.entries(refusals)) counts.set(code, (counts.get(code) ?? 0) + count);
  return [...counts].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count);
}
