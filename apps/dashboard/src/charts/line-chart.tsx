import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { chartOptions, type Measure, type Series } from './chart-options.js';
import { useShownTheme } from '../shell/theme-provider.js';

interface Props {
  /** in ascending order; each series runs in parallel */
  readonly x: readonly number[];
  /** as many, of the same names, each time */
  readonly series: readonly Series[];
  readonly measure: Measure;
  /** the chart in a sentence, for those who cannot see it */
  readonly label: string;
  /** index of the point under the pointer; must be stable */
  readonly onPoint: (index: number | null) => void;
}

export function LineChart({ x, series, measure, label, onPoint }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  // A canvas does not follow the style sheet: another theme builds the chart anew.
  const theme = useShownTheme();
  const latest = useRef({ x, series });
  latest.current = { x, series };

  useEffect(() => {
    const parent = box.current!;
    const size = () => ({ width: parent.clientWidth, height: parent.clientHeight });
    const options = chartOptions({ parent, series: latest.current.series, measure, onPoint });
    const plot = new uPlot({ ...options, ...size() }, aligned(latest.current), parent);
    chart.current = plot;
    const resize = new ResizeObserver(() => plot.setSize(size()));
    resize.observe(parent);
    return () => (resize.disconnect(), plot.destroy());
  }, [measure, theme, onPoint]);

  useEffect(() => chart.current?.setData(aligned({ x, series })), [x, series]);

  return (
    <div role="img" aria-label={label}>
      <div className="chart" ref={box} />
    </div>
  );
}

const aligned = ({ x, series }: Pick<Props, 'x' | 'series'>): uPlot.AlignedData => [
  [...x],
  ...series.map(({ values }) => [...values]),
];
