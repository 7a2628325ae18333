import type { RoundMetrics, RoundView } from '#protocol';

import { clock, day, duration } from '../figures.js';

interface Props {
  readonly round: RoundView;
  readonly metrics: RoundMetrics | undefined;
}

interface Moment {
  readonly name: string;
  readonly at: string | null;
  readonly seconds: number | null;
  readonly meaning: string;
}

/** When it was what, and for how long. */
export function Timeline({ round, metrics }: Props) {
  const moments = momentsOf(round, metrics);
  const whole = moments.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0);
  return (
    <section className="card" aria-labelledby="timeline">
      <header className="card-header">
        <h2 id="timeline">Time by phase</h2>
        {round.openedAt && <p className="muted">{day(Date.parse(round.openedAt))}</p>}
      </header>
      <ol className="timeline">
        {moments.map(({ name, at, seconds, meaning }) => (
          <li key={name} className="moment" data-reached={at !== null || seconds !== null || undefined}>
            <span className="moment-name">{name}</span>
            <span className="moment-time">
              {seconds !== null ? <b>{seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds * 1000)}</b> : null}
              {at && <span className="muted"> {clock(Date.parse(at))}</span>}
            </span>
            <span className="figure-track" aria-hidden="true">
              <span
                className="figure-bar"
                style={{ inlineSize: `${whole > 0 ? ((seconds ?? 0) / whole) * 100 : 0}%` }}
              />
            </span>
            <span className="figure-note">{meaning}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function momentsOf(round: RoundView, metrics: RoundMetrics | undefined): Moment[] {
  const { openedAt, frozenAt, publishedAt, evaluates, state } = round;
  const seconds = metrics?.seconds;
  const moments: Moment[] = [
    { name: 'Waiting', at: null, seconds: seconds?.waiting ?? null, meaning: 'for tokens, its slot and the log' },
    { name: 'Open', at: openedAt, seconds: seconds?.open ?? null, meaning: 'devices train and send' },
    { name: 'Adding up', at: frozenAt, seconds: seconds?.fold ?? null, meaning: 'no update is taken any more' },
    {
      name: 'Published',
      at: publishedAt,
      seconds: seconds?.publish ?? null,
      meaning: 'writing the result and its leaf',
    },
  ];
  if (evaluates === null && state !== 'abandoned')
    moments.push({
      name: 'Measured',
      at: null,
      seconds: seconds?.evaluate ?? null,
      meaning: 'the model on the evaluation set, if there is one',
    });
  return moments;
}
