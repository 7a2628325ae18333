import type { RunResult } from '../metrics.js';
import type { MeanResult } from '../side-by-side.js';
import type { ScenarioResult } from '../simulate-scenario.js';
import { escape, percent, shown } from './markup.js';

/** Two axes against each other: accuracy, below it how often a backdoor worked. The best of each line is marked. */
export function crossTable({ axes, means }: ScenarioResult): string {
  const [[rowAxis, rows], [columnAxis, columns]] = Object.entries(axes) as Axis[] as [Axis, Axis];
  const find = (row: string, column: string): MeanResult =>
    means.find(({ labels }) => labels[rowAxis] === row && labels[columnAxis] === column)!;
  const lines = rows.map((row) => {
    const cells = columns.map((column) => find(row, column));
    const best = Math.max(...cells.map(({ accuracy }) => accuracy));
    const texts = cells.map(({ accuracy, accuracies, attackSuccess }) => {
      const mark = accuracy === best ? ' class="best"' : '';
      const success = attackSuccess === null ? '' : `<br><small>backdoor ${percent(attackSuccess)}</small>`;
      const spread = accuracies.length === 1 ? '' : `<br><small>${range(accuracies)}</small>`;
      return `<td${mark}>${percent(accuracy)}${spread}${success}</td>`;
    });
    return `<tr><th>${escape(row)}</th>${texts.join('')}</tr>`;
  });
  return table([rowAxis, ...columns], lines);
}

type Axis = readonly [name: string, values: readonly string[]];

interface Column {
  readonly title: string;
  readonly value: (run: MeanResult) => string;
  /** left out where no run has anything in it */
  readonly always?: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'accuracy', value: ({ accuracy }) => percent(accuracy), always: true },
  { title: 'of each seed', value: ({ accuracies }) => (accuracies.length === 1 ? '–' : range(accuracies)) },
  { title: 'centralised', value: ({ centralised }) => shown(centralised, percent) },
  { title: 'loss', value: ({ loss }) => shown(loss, (value) => value.toPrecision(3)), always: true },
  { title: 'ε', value: ({ epsilon }) => shown(epsilon, (value) => value.toPrecision(3)) },
  { title: 'backdoor', value: ({ attackSuccess }) => shown(attackSuccess, percent) },
  { title: 'rounds', value: ({ rounds }) => String(rounds.length), always: true },
  { title: 'cohort', value: (run) => mean(run, ({ accepted }) => accepted).toFixed(1), always: true },
  { title: 'attackers', value: ({ attackers }) => (attackers === null ? '–' : String(attackers.devices)) },
  { title: 'refused', value: ({ refused }) => none(refused) },
  { title: 'vanished', value: (run) => none(sum(run, ({ vanished }) => vanished)) },
  { title: 'late', value: (run) => none(sum(run, ({ late }) => late)) },
  { title: 'abandoned', value: (run) => none(sum(run, ({ abandoned }) => Number(abandoned !== null))) },
  { title: 'waited', value: (run) => shown(waited(run), (trainings) => trainings.toFixed(1)) },
  { title: 'goal in round', value: ({ goalReached }) => shown(goalReached, rounded) },
  { title: 'goal after', value: ({ goalSeconds }) => shown(goalSeconds, (seconds) => `${seconds.toFixed(1)} s`) },
  { title: 'times as long', value: ({ goalRatio }) => shown(goalRatio, (ratio) => ratio.toFixed(2)) },
  { title: 'seconds', value: ({ seconds }) => seconds.toFixed(1), always: true },
];

export function runTable({ axes, means: runs }: ScenarioResult): string {
  const names = Object.keys(axes);
  const columns = COLUMNS.filter(({ value, always }) => always === true || runs.some((run) => value(run) !== '–'));
  const lines = runs.map((run) => {
    const labels = names.map((name) => `<td class="text">${escape(run.labels[name]!)}</td>`);
    return `<tr>${labels.join('')}${columns.map(({ value }) => `<td>${escape(value(run))}</td>`).join('')}</tr>`;
  });
  return table([...names, ...columns.map(({ title }) => title)], lines);
}

const table = (titles: readonly string[], lines: readonly string[]): string =>
  `<div class="scroll"><table class="table"><thead><tr>${titles.map((title) => `<th>${escape(title)}</th>`).join('')}</tr></thead>` +
  `<tbody>${lines.join('')}</tbody></table></div>`;

type Rounds = RunResult['rounds'];

const sum = ({ rounds }: RunResult, of: (round: Rounds[number]) => number): number =>
  rounds.reduce((all, round) => all + of(round), 0);

/** In trainings; null where the clock says how long. */
const waited = ({ rounds }: RunResult): number | null =>
  rounds.reduce<number | null>((all, { duration }) => (duration === null ? all : (all ?? 0) + duration), null);

const mean = (run: RunResult, of: (round: Rounds[number]) => number): number =>
  sum(run, of) / Math.max(1, run.rounds.length);

const none = (count: number): string => (count === 0 ? '–' : rounded(count));

/** Of one seed whole, of more a mean. */
const rounded = (count: number): string => String(Math.round(10 * count) / 10);

const range = (accuracies: readonly number[]): string =>
  `${percent(Math.min(...accuracies))} to ${percent(Math.max(...accuracies))}`;
