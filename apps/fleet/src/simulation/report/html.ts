import type { RoundMetrics, RunResult } from '../metrics.js';
import type { ScenarioResult } from '../simulate-scenario.js';
import { escape, shown } from './markup.js';
import { plot, type Series } from './plot.js';
import { STYLE } from './style.js';
import { crossTable, runTable } from './tables.js';

const COLOURS = 8;
/** Loss of a model that knows nothing is 2.3: what is far above has no shape worth seeing. */
const LOSS_TOP = 4;

/** A page that needs nothing but itself: the table, the plots, every run. */
export function toHtml(result: ScenarioResult): string {
  const { title, axes } = result;
  const sections = [
    Object.keys(axes).length === 2 ? section('Accuracy after the last round', crossTable(result)) : '',
    ...plansOf(result).map(([heading, plan]) => plotted(result, heading, plan)),
    section('Runs', runTable(result)),
  ];
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">` +
    `<style>${STYLE}</style></head><body><h1>${escape(title)}</h1>${facts(result)}${sections.join('')}</body></html>\n`
  );
}

function plansOf({ means: runs }: ScenarioResult): (readonly [heading: string, plan: PlotPlan])[] {
  const losses = runs.flatMap(({ rounds }) => rounds.map(({ loss }) => loss)).filter(Number.isFinite);
  const lossTop = Math.min(LOSS_TOP, Math.max(0.1, ...losses));
  const accuracy = { quantity: 'accuracy', of: 'accuracy', format: wholePercent, top: 1 } as const;
  return [
    ['Accuracy by round', accuracy],
    ['Accuracy by second', { ...accuracy, by: 'second' }],
    ['Loss by round', { quantity: 'loss', of: 'loss', format: String, top: lossTop }],
    ['Success of the backdoor by round', { ...accuracy, quantity: 'backdoor success', of: 'attackSuccess' }],
  ];
}

/** Nothing where there is nothing to see: no backdoor, or no clock. */
function plotted(result: ScenarioResult, heading: string, plan: PlotPlan): string {
  const shows = (round: RoundMetrics): boolean => round[plan.of] !== null && placeOf(round, plan) !== null;
  const facets = facetsOf(result).filter(({ runs }) => runs.some(({ rounds }) => rounds.some(shows)));
  return facets.length === 0
    ? ''
    : section(heading, legend(Object.values(result.axes).at(-1) ?? []) + plots(facets, plan));
}

const placeOf = ({ round, elapsed }: RoundMetrics, { by }: PlotPlan): number | null =>
  by === 'second' ? elapsed : round;

const section = (title: string, body: string): string => `<section><h2>${escape(title)}</h2>${body}</section>`;

/** What all runs have in common. */
function facts({ means: runs }: ScenarioResult): string {
  const [first] = runs;
  if (first === undefined) return '';
  const shared = Object.entries(first.settings).filter(([field, value]) =>
    runs.every(({ settings }) => JSON.stringify(settings[field as keyof typeof settings]) === JSON.stringify(value)),
  );
  return `<p>${escape(shared.map(([field, value]) => `${field} ${inWords(value)}`).join(' · '))}</p>`;
}

const inWords = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, one]) => (name === 'kind' || name === 'name' ? one : `${name} ${one}`))
        .join(', ')
    : String(value);

interface Facet {
  readonly title: string;
  readonly runs: readonly RunResult[];
}

/** A plot for each value of all axes but the last, whose values are the lines. */
function facetsOf({ axes, means }: ScenarioResult): Facet[] {
  const outer = Object.keys(axes).slice(0, -1);
  const groups = new Map<string, RunResult[]>();
  for (const run of means) {
    const title = outer.map((axis) => run.labels[axis]).join(', ');
    groups.set(title, [...(groups.get(title) ?? []), run]);
  }
  return [...groups].map(([title, group]) => ({ title, runs: group }));
}

interface PlotPlan {
  readonly quantity: string;
  readonly of: 'accuracy' | 'loss' | 'attackSuccess';
  readonly format: (y: number) => string;
  /** one for all, so that plots can be compared */
  readonly top: number;
  readonly by?: 'round' | 'second';
}

function plots(facets: readonly Facet[], { of, ...plan }: PlotPlan): string {
  const pointOf = (round: RoundMetrics): Series['points'] => {
    const at = placeOf(round, { of, ...plan });
    return at === null ? [] : [[at, round[of] ?? NaN]];
  };
  const drawn = facets.map(({ title, runs }) => {
    const series = runs.map(({ labels, rounds }, i): Series => ({
      name: Object.values(labels).at(-1) ?? 'run',
      colour: i % COLOURS,
      points: rounds.flatMap(pointOf),
    }));
    return plot(series, { ...plan, title: title || plan.quantity });
  });
  return `<div class="plots">${drawn.join('')}</div>`;
}

const legend = (names: readonly string[]): string =>
  names.length === 0
    ? ''
    : `<ul class="legend">${names.map((name, i) => `<li><i class="c${i % COLOURS}"></i>${escape(name)}</li>`).join('')}</ul>`;

const wholePercent = (share: number): string => shown(share, (value) => `${Math.round(100 * value)} %`);
