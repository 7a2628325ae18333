import { styleText } from 'node:util';

import type { RoundView } from '#protocol';

import { percent, secondsOf, totalRefused } from './figures.js';

/** How much a terminal can do. */
export interface Look {
  readonly colour: boolean;
}

const BAR_CELLS = 10;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const TITLES = 'round  issued  submitted  accepted  refused  accuracy              seconds';

type Style = Parameters<typeof styleText>[0];
const paint = ({ colour }: Look, style: Style, text: string): string => (colour ? styleText(style, text) : text);

/** A share as a bar of ten cells, in steps of an eighth of a cell. */
export function bar(share: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}

export const renderTitles = (look: Look): string => paint(look, 'dim', TITLES);

/** One round as a row below the titles. @param now  unix ms */
export function renderRow(round: RoundView, now: number, look: Look): string {
  const { issued, submitted, accepted, sequence, state, reason, evaluates, onDevices } = round;
  const accuracy = evaluates === null ? round.accuracy : (onDevices?.accuracy ?? null);
  const refused = String(totalRefused(round)).padStart(7);
  const seconds = secondsOf(round, now)?.toFixed(1) ?? '–';
  const cells = [
    String(sequence).padStart(5),
    String(issued ?? '–').padStart(6),
    String(submitted).padStart(9),
    String(accepted).padStart(8),
    totalRefused(round) > 0 ? paint(look, 'yellow', refused) : refused,
    percent(accuracy).padStart(8),
    paint(look, 'green', bar(accuracy ?? 0).padEnd(BAR_CELLS)),
    seconds.padStart(9),
  ];
  const stage =
    state === 'published' ? '' : paint(look, state === 'abandoned' ? 'red' : 'cyan', `  ${reason ?? state}`);
  const measured = evaluates === null ? '' : `  version ${evaluates} on devices`;
  return cells.join('  ') + measured + stage;
}
