import { useMemo, useRef, useState } from 'react';

import { LineChart } from '../charts/line-chart.js';
import type { Series } from '../charts/chart-options.js';
import { Explain } from '../controls/explain.js';
import { count, percent, points } from '../figures.js';
import { curveOf, inWords, isSame, type Curve } from './curves.js';
import type { PastRound } from './past-rounds.js';

interface Props {
  readonly past: readonly PastRound[];
  readonly figure: 'accuracy' | 'loss';
}

const WORDS = {
  accuracy: {
    title: 'Accuracy by round',
    measure: 'share',
    written: percent,
    isBetter: 'more',
    colour: '--accent',
    meaning: 'The share of examples that a model gets right. More is better.',
    change: points,
  },
  loss: {
    title: 'Loss by round',
    measure: 'amount',
    written: (loss: number) => loss.toFixed(3),
    isBetter: 'less',
    colour: '--loss',
    meaning: 'How wrong a model is, counting how sure it was. Less is better; zero is perfect.',
    change: (difference: number) => `${difference > 0 ? '+' : '−'}${Math.abs(difference).toFixed(3)}`,
  },
} as const;

/** How the model gets better, round by round. */
export function CurveCard({ past, figure }: Props) {
  const [pointed, setPointed] = useState<number | null>(null);
  const words = WORDS[figure];
  const curve = useCurve(past, figure);
  const last = curve.rounds.length - 1;
  const shown = pointed !== null && pointed <= last ? pointed : last;
  const series = useMemo<readonly Series[]>(
    () => [
      { name: 'On the evaluation set', colour: words.colour, shape: 'line', values: curve.onServer },
      { name: 'On devices', colour: '--good', shape: 'points', values: curve.onDevices },
    ],
    [curve, words],
  );
  return (
    <section className="card curve" aria-labelledby={figure}>
      <header className="card-header">
        <h2 id={figure}>{words.title}</h2>
        <Explain of={words.title}>
          {words.meaning} The line is measured on the server’s evaluation set, on which no device trains. Dots are what
          devices found on examples of their own, in rounds that measure a model.
        </Explain>
      </header>
      {last < 0 ? (
        <p className="chart-none">The curve begins with the first published round whose model has been evaluated.</p>
      ) : (
        <>
          <Readout curve={curve} index={shown} figure={figure} />
          <LineChart
            x={curve.rounds}
            series={series}
            measure={words.measure}
            onPoint={setPointed}
            label={inWords(curve, figure === 'accuracy' ? 'Accuracy' : 'Loss', words.written, words.isBetter)}
          />
        </>
      )}
    </section>
  );
}

/** The same one until a figure is new: a chart is drawn for nothing else. */
function useCurve(past: readonly PastRound[], figure: Props['figure']): Curve {
  const known = useRef<Curve>(undefined);
  return useMemo(() => {
    const curve = curveOf(past, figure);
    if (known.current !== undefined && isSame(known.current, curve)) return known.current;
    return (known.current = curve);
  }, [past, figure]);
}

/** The figures of the round pointed at, or of the latest. */
function Readout({ curve, index, figure }: { curve: Curve; index: number; figure: Props['figure'] }) {
  const { written, change } = WORDS[figure];
  const { rounds, onServer, onDevices } = curve;
  const value = onServer[index] ?? onDevices[index]!;
  const isOfDevices = onServer[index] == null;
  const before = isOfDevices ? -1 : onServer.findLastIndex((one, i) => i < index && one !== null);
  return (
    <p className="readout">
      <b className="readout-value">{written(value)}</b>
      <span>
        round {count(rounds[index]!)}
        {isOfDevices && <span className="readout-devices"> on devices</span>}
        {before >= 0 && (
          <span className="muted">
            , {change(value - onServer[before]!)} since round {count(rounds[before]!)}
          </span>
        )}
      </span>
    </p>
  );
}
