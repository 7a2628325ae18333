import { useMemo, useState } from 'react';

import type { RoundView } from '#protocol';

import { count, percent, points } from '../figures.js';
import { LineChart, type Curve } from '../charts/line-chart.js';
import type { Theme } from '../shell/use-theme.js';

interface Props {
  readonly newestFirst: readonly RoundView[];
  readonly theme: Theme;
}

/** How the model gets better, round by round. */
export function AccuracyChart({ newestFirst, theme }: Props) {
  const [withLoss, setWithLoss] = useState(false);
  const [pointed, setPointed] = useState<number | null>(null);
  const curve = useMemo(() => curveOf(newestFirst), [newestFirst]);
  const last = curve.rounds.length - 1;
  const shown = pointed !== null && pointed <= last ? pointed : last;
  const hasLoss = curve.loss.some((loss) => loss !== null);
  return (
    <section className="card accuracy" aria-labelledby="accuracy">
      <header className="card-header">
        <h2 id="accuracy">Accuracy by round</h2>
        {hasLoss && (
          <label className="checkbox">
            <input type="checkbox" checked={withLoss} onChange={(event) => setWithLoss(event.target.checked)} />
            Show loss
          </label>
        )}
      </header>
      {last < 0 ? (
        <p className="chart-none">The curve begins with the first published round whose model has been evaluated.</p>
      ) : (
        <>
          <Readout curve={curve} index={shown} withLoss={withLoss && hasLoss} />
          <div role="img" aria-label={inWords(curve)}>
            <LineChart curve={curve} withLoss={withLoss && hasLoss} theme={theme} onPoint={setPointed} />
          </div>
        </>
      )}
    </section>
  );
}

/** The figures of the round pointed at, or of the latest. */
function Readout({ curve, index, withLoss }: { curve: Curve; index: number; withLoss: boolean }) {
  const accuracy = curve.accuracy[index]!;
  const before = curve.accuracy[index - 1];
  const loss = curve.loss[index];
  return (
    <p className="readout">
      <b className="readout-value">{percent(accuracy)}</b>
      <span>
        round {count(curve.rounds[index]!)}
        {before !== undefined && (
          <span className="muted">
            , {points(accuracy - before)} since round {count(curve.rounds[index - 1]!)}
          </span>
        )}
        {withLoss && loss != null && <span className="readout-loss"> loss {loss.toFixed(3)}</span>}
      </span>
    </p>
  );
}

function curveOf(newestFirst: readonly RoundView[]): Curve {
  const evaluated = newestFirst
    .filter(({ accuracy, evaluates }) => accuracy !== null && evaluates === null)
    .toReversed();
  return {
    rounds: evaluated.map(({ sequence }) => sequence),
    accuracy: evaluated.map(({ accuracy }) => accuracy!),
    loss: evaluated.map(({ loss }) => loss),
  };
}

/** The chart for those who cannot see it; the table below has every value. */
function inWords({ rounds, accuracy }: Curve): string {
  const last = rounds.length - 1;
  const best = accuracy.indexOf(Math.max(...accuracy));
  const now = `Accuracy ${percent(accuracy[last]!)} in round ${rounds[last]}`;
  if (last === 0) return `${now}, the first one evaluated.`;
  return `${now}, from ${percent(accuracy[0]!)} in round ${rounds[0]}; best ${percent(accuracy[best]!)} in round ${rounds[best]}.`;
}
