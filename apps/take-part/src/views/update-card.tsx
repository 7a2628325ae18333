import type { UpdateSummary } from '../device/update-summary.js';
import { bytes, count, figure } from './numbers.js';

const [WIDTH, HEIGHT] = [320, 96];

interface UpdateCardProps {
  readonly update: UpdateSummary;
  readonly isSending: boolean;
  readonly jitterMs: number;
}

/** What is about to leave, or has left: all there is to it. */
export function UpdateCard({ update, isSending, jitterMs }: UpdateCardProps) {
  const { numbers, norm, clippedNorm, clip, histogram, reach } = update;
  return (
    <section className="card" aria-labelledby="update-title">
      <h2 id="update-title">{isSending ? 'What is about to leave' : 'What left last'}</h2>
      <dl className="facts">
        <dt>Size</dt>
        <dd>
          {count(numbers)} numbers, {bytes(update.bytes)}
        </dd>
        <dt>Norm as trained</dt>
        <dd>{figure(norm)}</dd>
        <dt>Norm as sent</dt>
        <dd>
          {figure(clippedNorm)} {norm > clip ? `(cut down to ${figure(clip)})` : `(below the clip of ${figure(clip)})`}
        </dd>
        <dt>Leaves</dt>
        <dd>{jitterMs === 0 ? 'at once' : `a random part of ${figure(jitterMs / 1000)} s after the training`}</dd>
      </dl>
      <Histogram values={histogram} reach={reach} />
    </section>
  );
}

function Histogram({ values, reach }: { readonly values: readonly number[]; readonly reach: number }) {
  // By logarithm: nearly all numbers change by nearly nothing.
  const most = Math.log1p(Math.max(...values));
  const width = WIDTH / values.length;
  const edge = figure(reach);
  return (
    <figure>
      <svg
        className="figure"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`How large its numbers are, from −${edge} to ${edge}`}
      >
        {values.map((value, i) => {
          const height = most === 0 ? 0 : (Math.log1p(value) / most) * HEIGHT;
          return <rect key={i} x={i * width + 1} y={HEIGHT - height} width={width - 2} height={height} />;
        })}
      </svg>
      <figcaption className="muted small">
        <span>−{edge}</span>
        <span>its numbers, by size (logarithmic)</span>
        <span>{edge}</span>
      </figcaption>
    </figure>
  );
}
