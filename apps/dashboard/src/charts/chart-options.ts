import type uPlot from 'uplot';

interface Wishes {
  readonly parent: HTMLElement;
  readonly withLoss: boolean;
  readonly onPoint: (index: number | null) => void;
}

/** uPlot's options but its size, in the colours of the style sheet. */
export function chartOptions({ parent, withLoss, onPoint }: Wishes): Omit<uPlot.Options, 'width' | 'height'> {
  const style = getComputedStyle(parent);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const surface = colour('--surface');
  const font = `12px ${style.fontFamily}`;
  const axis: uPlot.Axis = {
    font,
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const line = (stroke: string): uPlot.Series => ({
    stroke,
    width: 2,
    spanGaps: true,
    points: { show: (plot) => plot.data[0].length <= 40, size: 6, width: 2, stroke, fill: surface },
  });
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 9, fill: surface, width: 2 } },
    scales: {
      x: { time: false, range: rounds },
      accuracy: { range: fractions },
      loss: { range: (_, __, max) => [0, max * 1.1 || 1] },
    },
    axes: [
      { ...axis, size: 28, grid: { show: false }, space: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
      { ...axis, scale: 'accuracy', size: 46, values: (_, splits) => splits.map((v) => `${+(v * 100).toFixed(1)}%`) },
      { ...axis, scale: 'loss', side: 1, show: withLoss, size: 44, grid: { show: false }, stroke: colour('--loss') },
    ],
    series: [
      {},
      { ...line(colour('--accent')), scale: 'accuracy' },
      { ...line(colour('--loss')), scale: 'loss', dash: [5, 4], show: withLoss },
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
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
