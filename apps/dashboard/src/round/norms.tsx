import type { RoundMetrics, RoundView } from '#protocol';

import { Explain } from '../controls/explain.js';
import { useUseCase } from '../rounds/rounds-provider.js';

interface Props {
  readonly round: RoundView;
  readonly metrics: RoundMetrics | undefined;
}

type Norms = NonNullable<RoundMetrics['updateNorms']>;

const NAMES: Record<keyof Norms, string> = {
  p10: 'a tenth below',
  p25: 'a quarter below',
  p50: 'half below',
  p75: 'three quarters below',
  p90: 'nine tenths below',
};

/** How far updates would have moved the model. */
export function Norms({ round, metrics }: Props) {
  const useCase = useUseCase(round.useCase);
  const clip = round.clip ?? useCase?.clip ?? null;
  return (
    <section className="card" aria-labelledby="norms">
      <header className="card-header">
        <h2 id="norms">Lengths of updates</h2>
        <Explain of="Lengths of updates">
          The L2 norm of what each update would change. Most of them at the clip: it may be too tight. One far off the
          others: a device may be broken. They are kept as quantiles, without names.
        </Explain>
      </header>
      {metrics?.updateNorms ? (
        <Quantiles norms={metrics.updateNorms} clip={clip} />
      ) : (
        <p className="muted">{whyNone(round, metrics)}</p>
      )}
    </section>
  );
}

function whyNone(round: RoundView, metrics: RoundMetrics | undefined): string {
  if (round.state === 'abandoned') return 'No sum was made, and so nothing was measured.';
  if (metrics === undefined) return 'They are known once the round is published.';
  if (round.evaluates !== null) return 'Devices sent two figures each, and no update.';
  return 'A private task has none: exact quantiles would say more than its noise allows.';
}

/** A box from the first quarter to the third, whiskers from a tenth to nine tenths, and the clip as a line. */
function Quantiles({ norms, clip }: { norms: Norms; clip: number | null }) {
  const most = Math.max(norms.p90, clip !== null && clip < norms.p90 * 3 ? clip : 0) * 1.08 || 1;
  const x = (value: number) => (value / most) * 400;
  const isClipSeen = clip !== null && clip <= most;
  return (
    <>
      <svg
        className="norms"
        viewBox="0 0 400 60"
        role="img"
        aria-label={`Half of the updates are between ${norms.p25} and ${norms.p75} long`}
      >
        <line className="norms-whisker" x1={x(norms.p10)} x2={x(norms.p90)} y1="30" y2="30" />
        {[norms.p10, norms.p90].map((end, i) => (
          <line key={i} className="norms-whisker" x1={x(end)} x2={x(end)} y1="20" y2="40" />
        ))}
        <rect
          className="norms-box"
          x={x(norms.p25)}
          width={Math.max(2, x(norms.p75) - x(norms.p25))}
          y="12"
          height="36"
          rx="4"
        />
        <line className="norms-median" x1={x(norms.p50)} x2={x(norms.p50)} y1="12" y2="48" />
        {isClipSeen && <line className="norms-clip" x1={x(clip)} x2={x(clip)} y1="0" y2="60" />}
      </svg>
      <InNumbers norms={norms} clip={clip} />
    </>
  );
}

function InNumbers({ norms, clip }: { norms: Norms; clip: number | null }) {
  return (
    <dl className="quantiles">
      {(Object.keys(NAMES) as (keyof Norms)[]).map((name) => (
        <div key={name}>
          <dt>{NAMES[name]}</dt>
          <dd>{norms[name]}</dd>
        </div>
      ))}
      {clip !== null && (
        <div>
          <dt>clip</dt>
          <dd>{clip}</dd>
        </div>
      )}
    </dl>
  );
}
