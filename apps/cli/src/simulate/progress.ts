import { styleText } from 'node:util';

import { percent } from '../output/figures.js';
import { bar, type Look } from '../output/progress.js';
import { renderTable, type Column } from '../output/table.js';
import type { MeanResult, RoundTold } from './simulation-process.js';

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** One round as one line. */
export function renderRound(round: RoundTold, { colour }: Look): string {
  const paint = (style: 'green' | 'red', text: string): string => (colour ? styleText(style, text) : text);
  const { run, accuracy, accepted, refused, epsilon, attackSuccess, abandoned, seconds } = round;
  const more = [
    ...(sum(refused) > 0 ? [`${sum(refused)} refused`] : []),
    ...(epsilon === null ? [] : [`ε ${epsilon.toPrecision(3)}`]),
    ...(attackSuccess === null ? [] : [`backdoor ${percent(attackSuccess)}`]),
    ...(seconds === null ? [] : [`${seconds.toFixed(1)} s`]),
    ...(abandoned === null ? [] : [paint('red', `abandoned: ${abandoned}`)]),
  ];
  const place = `${String(round.round).padStart(String(round.rounds).length)}/${round.rounds}`;
  const cells = [run, place, percent(accuracy).padStart(7), paint('green', bar(accuracy ?? 0).padEnd(10))];
  return [...cells, `${accepted} updates`, ...more].join('  ');
}

const mean = ({ rounds }: MeanResult): string =>
  (rounds.reduce((all, { accepted }) => all + accepted, 0) / Math.max(1, rounds.length)).toFixed(1);

/** Of one seed whole, of more a mean. */
const rounded = (count: number): string => String(Math.round(10 * count) / 10);

const range = (accuracies: readonly number[]): string =>
  accuracies.length === 1 ? '–' : `${percent(Math.min(...accuracies))} to ${percent(Math.max(...accuracies))}`;

/** How many versions the model had moved on by under an accepted update, on average; null where nobody was behind. */
function meanOf(staleness: readonly number[] | null): number | null {
  if (staleness === null || staleness.length < 2) return null;
  return staleness.reduce((all, n, behind) => all + n * behind, 0) / staleness.reduce((all, n) => all + n, 0);
}

/** Every run as a row; columns that would be empty are left out. */
export function renderRuns(axes: readonly string[], runs: readonly MeanResult[]): string {
  const dash = (value: number | null, format: (value: number) => string): string =>
    value === null ? '–' : format(value);
  const columns: Column<MeanResult>[] = [
    ...axes.map((axis) => ({ title: axis, value: ({ labels }: MeanResult) => labels[axis] ?? '' })),
    { title: 'accuracy', right: true, value: ({ accuracy }) => percent(accuracy) },
    { title: 'of each seed', right: true, value: ({ accuracies }) => range(accuracies) },
    { title: 'centralised', right: true, value: ({ centralised }) => percent(centralised) },
    { title: 'backdoor', right: true, value: ({ attackSuccess }) => percent(attackSuccess) },
    { title: 'ε', right: true, value: ({ epsilon }) => dash(epsilon, (value) => value.toPrecision(3)) },
    { title: 'rounds', right: true, value: ({ rounds }) => rounds.length },
    { title: 'cohort', right: true, value: mean },
    { title: 'refused', right: true, value: ({ refused }) => rounded(refused) },
    { title: 'goal in round', right: true, value: ({ goalReached }) => dash(goalReached, rounded) },
    { title: 'goal after', right: true, value: ({ goalSeconds }) => dash(goalSeconds, (s) => `${s.toFixed(1)} s`) },
    { title: 'times as long', right: true, value: ({ goalRatio }) => dash(goalRatio, (ratio) => ratio.toFixed(2)) },
    { title: 'versions behind', right: true, value: ({ staleness }) => dash(meanOf(staleness), (n) => n.toFixed(2)) },
    { title: 'seconds', right: true, value: ({ seconds }) => seconds.toFixed(1) },
    { title: '', value: ({ ended }) => ended ?? '' },
  ];
  const used = columns.filter(({ value }) => runs.some((run) => value(run) !== '–' && value(run) !== ''));
  return renderTable(used, runs);
}
