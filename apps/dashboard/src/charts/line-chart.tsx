import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { chartOptions } from './chart-options.js';
import type { Theme } from '../shell/use-theme.js';

/** Evaluated rounds in ascending order; the three lists run in parallel. */
export interface Curve {
  readonly rounds: readonly number[];
  readonly accuracy: readonly number[];
  readonly loss: readonly (number | null)[];
}

interface Props {
  readonly curve: Curve;
  readonly withLoss: boolean;
  /** rebuilds the chart: a canvas does not follow the style sheet */
  readonly theme: Theme;
  /** index of the point under the pointer; must be stable */
  readonly onPoint: (index: number | null) => void;
}

export function LineChart({ curve, withLoss, theme, onPoint }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const data = useRef(curve);
  data.current = curve;

  useEffect(() => {
    const parent = box.current!;
    const size = () => ({ width: parent.clientWidth, height: parent.clientHeight });
    const plot = new uPlot(
      { ...chartOptions({ parent, withLoss, onPoint }), ...size() },
      aligned(data.current),
      parent,
    );
    chart.current = plot;
    const resize = new ResizeObserver(() => plot.setSize(size()));
    resize.observe(parent);
    return () => (resize.disconnect(), plot.destroy());
  }, [withLoss, theme, onPoint]);

  useEffect(() => chart.current?.setData(aligned(curve)), [curve]);

  return <div className="chart" ref={box} />;
}

const aligned = ({ rounds, accuracy, loss }: Curve): uPlot.AlignedData => [[...rounds], [...accuracy], [...loss]];
