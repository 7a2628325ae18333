import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { ModelView } from '#protocol';

import { Explain } from '../controls/explain.js';
import { count, percent, points } from '../figures.js';
import { distanceOf, type Distance } from './model-distance.js';

/** Two versions side by side: figures, and how far their parameters are apart. */
export function Compare({ models }: { models: readonly ModelView[] }) {
  const [digests, setDigests] = useState<readonly [string, string] | null>(null);
  const [left, right] = [
    models.find(({ digest }) => digest === digests?.[0]) ?? models[1]!,
    models.find(({ digest }) => digest === digests?.[1]) ?? models[0]!,
  ];
  return (
    <section className="card" aria-labelledby="compare">
      <header className="card-header">
        <h2 id="compare">Compare two</h2>
      </header>
      <div className="compare-choice">
        <Choice name="From" models={models} chosen={left} choose={(digest) => setDigests([digest, right.digest])} />
        <Choice name="To" models={models} chosen={right} choose={(digest) => setDigests([left.digest, digest])} />
      </div>
      <dl className="facts">
        <Change name="Accuracy" left={left.accuracy} right={right.accuracy} written={percent} change={points} />
        <Change
          name="Loss"
          left={left.loss}
          right={right.loss}
          written={(loss) => loss.toFixed(3)}
          change={(difference) => `${difference > 0 ? '+' : '−'}${Math.abs(difference).toFixed(3)}`}
        />
      </dl>
      <Apart left={left.digest} right={right.digest} />
    </section>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly models: readonly ModelView[];
  readonly chosen: ModelView;
  readonly choose: (digest: string) => void;
}

function Choice({ name, models, chosen, choose }: ChoiceProps) {
  return (
    <label className="choice">
      <span>{name}</span>
      <select value={chosen.digest} onChange={(event) => choose(event.target.value)}>
        {models.map(({ digest, version }) => (
          <option key={version} value={digest}>
            Version {version}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ChangeProps {
  readonly name: string;
  readonly left: number | null;
  readonly right: number | null;
  readonly written: (value: number) => string;
  readonly change: (difference: number) => string;
}

function Change({ name, left, right, written, change }: ChangeProps) {
  const show = (value: number | null) => (value === null ? 'not measured' : written(value));
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {show(left)} → {show(right)}
        {left !== null && right !== null && <span className="muted"> ({change(right - left)})</span>}
      </dd>
    </div>
  );
}

function Apart({ left, right }: { left: string; right: string }) {
  const { data, error } = useQuery({
    queryKey: ['distance', left, right],
    queryFn: ({ signal }) => distanceOf(left, right, signal),
    staleTime: Infinity,
    retry: false,
  });
  if (error !== null)
    return (
      <p className="problem" role="alert">
        {error.message}
      </p>
    );
  if (data === undefined) return <p className="muted">Comparing parameter by parameter…</p>;
  return <Layers distance={data} />;
}

function Layers({ distance: { l2, parameters, layers } }: { distance: Distance }) {
  const most = Math.max(...layers.map(({ maxChange }) => maxChange)) || 1;
  return (
    <>
      <p className="distance">
        <b>{l2.toPrecision(4)}</b> apart, over {count(parameters)} parameters
        <Explain of="Distance">
          The L2 norm of the difference of all parameters, computed in this page from the two files. Below it, the
          largest change of any one parameter in each layer.
        </Explain>
      </p>
      <ul className="layers">
        {layers.map(({ name, shape, maxChange }) => (
          <li key={name} className="refusal">
            <span>
              {name} <span className="muted">{shape.join(' × ')}</span>
            </span>
            <span>{maxChange.toPrecision(3)}</span>
            <span className="refusal-track" aria-hidden="true">
              <span className="figure-bar" style={{ inlineSize: `${(maxChange / most) * 100}%` }} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
