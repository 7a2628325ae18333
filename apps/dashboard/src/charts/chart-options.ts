import type uPlot from 'uplot';

/** A line of a chart, or single points. */
export interface Series {
  readonly name: string;
  readonly colour: '--accent' | '--loss' | '--good' | '--bad';
  readonly shape: 'line' | 'points';
  readonly values: readonly (number | null)[];
}

/** What a chart's second axis is: shares of one, or anything from zero. */
export type Measure = 'share' | 'amount';

interface Wishes {
  readonly parent: HTMLElement;
  readonly series: readonly Omit<Series, 'values'>[];
  readonly measure: Measure;
  readonly onPoint: (index: number | null) => void;
}

/** uPlot's options but its size, in the colours of the style sheet. */
export function chartOptions({ parent, series, measure, onPoint }: Wishes): Omit<uPlot.Options, 'width' | 'height'> {
  const style = getComputedStyle(parent);
  const colour = (name: string) => colourOf(name, parent, style);
  const surface = colour('--surface');
  const axis: uPlot.Axis = {
    font: `12px ${style.fontFamily}`,
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const drawn = ({ colour: name, shape }: Omit<Series, 'values'>): uPlot.Series => {
    const stroke = colour(name);
    const size = shape === 'points' ? 9 : 6;
    const isFew = (plot: uPlot) => shape === 'points' || plot.data[0].length <= 40;
    return {
      stroke,
      width: shape === 'points' ? 0 : 2,
      spanGaps: shape === 'line',
      ...(shape === 'points' && { paths: () => null }),
      points: { show: isFew, size, width: 2, stroke, fill: shape === 'points' ? stroke : surface },
    };
  };
  const written = (_: uPlot, splits: number[]) =>
    splits.map((v) => (measure === 'share' ? `${+(v * 100).toFixed(1)}%` : `${+v.toPrecision(4)}`));
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 9, fill: surface, width: 2 } },
    scales: {
      x: { time: false, range: rounds },
      y: { range: measure === 'share' ? fractions : (_, __, max) => [0, max * 1.1 || 1] },
    },
    axes: [
      { ...axis, size: 28, grid: { show: false }, space: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
      { ...axis, size: 46, values: written },
    ],
    series: [{}, ...series.map(drawn)],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

/** As it is where it is used: not all that may be written for a colour is known to a canvas. */
function colourOf(name: string, parent: HTMLElement, style: CSSStyleDeclaration): string {
  parent.style.color = `var(${name})`;
  const { color } = style;
  parent.style.color = '';
  return color;
}

/** Room for at least ten rounds, so that the first points do not fly apart. */
function rounds(_: uPlot, min: number, max: number): [number, number] {
  return [min, Math.max(max, min + 9)];
}

/** The curve with some air, within 0 and 1, never so close that noise looks like news. */
function fractions(_: uPlot, min: number, max: number): [number, number] {
  const air = Math.max((max - min) * 0.1, 0.02);
  return [Math.max(0, min - air), Math.min(1, max + air)];
}
