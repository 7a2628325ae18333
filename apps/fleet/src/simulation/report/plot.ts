import { escape, shown } from './markup.js';

/** One line of a plot. */
export interface Series {
  readonly name: string;
  /** which of the page's colours */
  readonly colour: number;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PlotOptions {
  readonly title: string;
  /** what `y` is, for who hears the page */
  readonly quantity: string;
  readonly format: (y: number) => string;
  /** where the axis ends; what is above stays at the edge */
  readonly top: number;
  /** what `x` counts; rounds begin with 1, time with 0 */
  readonly by?: 'round' | 'second';
}

const [WIDTH, HEIGHT] = [360, 220];
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 10, 8, 28];

/** Lines over rounds or seconds, as SVG that scales; its colours are the page's. */
export function plot(series: readonly Series[], { title, quantity, format, top, by = 'round' }: PlotOptions): string {
  const first = by === 'round' ? 1 : 0;
  const last = Math.max(1, ...series.flatMap(({ points }) => points.map(([at]) => at)));
  const yTicks = ticks(top);
  const highest = yTicks.at(-1)!;
  const x = (at: number): number => LEFT + ((at - first) / Math.max(1, last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / highest) * (HEIGHT - TOP - BOTTOM);
  const grid = yTicks.map(
    (tick) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/>` +
      `<text x="${LEFT - 6}" y="${y(tick) + 4}" text-anchor="end">${escape(format(tick))}</text>`,
  );
  const marks = ticks(last)
    .filter((at) => at >= first && at <= last && Number.isInteger(at))
    .map((at) => `<text x="${x(at)}" y="${HEIGHT - 8}" text-anchor="middle">${at}</text>`);
  const lines = series.map((one) => line(one, { x, y, highest }, format));
  return (
    `<figure><figcaption>${escape(title)}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(`${quantity} by ${by}: ${title}`)}">` +
    `${grid.join('')}${marks.join('')}${lines.join('')}</svg></figure>`
  );
}

interface Scales {
  readonly x: (round: number) => number;
  readonly y: (value: number) => number;
  readonly highest: number;
}

function line({ name, colour, points }: Series, { x, y, highest }: Scales, format: (y: number) => string): string {
  // A line that leaves at the top stays at the edge: lines must not cross the titles.
  const at = points
    .filter(([, value]) => !Number.isNaN(value))
    .map(([round, value]) => [x(round), y(Math.min(value, highest))]);
  const path = at.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${px!.toFixed(1)} ${py!.toFixed(1)}`).join('');
  const last = points.at(-1);
  const summary = `${name}: ${shown(last?.[1] ?? null, format)}`;
  return `<path class="series c${colour}" d="${path}"><title>${escape(summary)}</title></path>`;
}

/** From 0 to just above `top`, in up to five steps of 1, 2 or 5 times a power of ten. */
export function ticks(top: number): number[] {
  const rough = top / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const count = Math.ceil(top / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}
