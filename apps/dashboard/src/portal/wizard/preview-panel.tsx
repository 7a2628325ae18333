import type { UseCasePreview } from '#protocol';

import { count } from '../../figures.js';
import type { Draft } from './draft.js';
import { EpsilonChart } from './epsilon-chart.js';
import { missingOf } from './missing.js';
import type { Preview } from './use-preview.js';

const UNITS = ['B', 'kB', 'MB', 'GB'];

export function bytes(n: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, n)) / 3)));
  return `${+(n / 1000 ** power).toPrecision(3)} ${UNITS[power]}`;
}

/** What would come of the draft, beside the form. */
export function PreviewPanel({ draft, preview: { preview, problem, isCurrent } }: { draft: Draft; preview: Preview }) {
  const missing = missingOf(draft);
  return (
    <aside className="card preview" aria-label="Preview" aria-busy={!isCurrent}>
      <h3>What would come of it</h3>
      {problem !== null && <p className="said-no">{problem}</p>}
      {preview && (
        <>
          <Figures preview={preview} target={draft.target} />
          {preview.epsilonByRound.length > 0 && (
            <EpsilonChart epsilonByRound={preview.epsilonByRound} budget={Number(draft.epsilonMax)} />
          )}
          <div aria-live="polite">
            {preview.problems.map(({ field, message }) => (
              <p key={field + message} className="said-no">
                {message}
              </p>
            ))}
            {preview.warnings.map((warning) => (
              <p key={warning} className="warning">
                {warning}
              </p>
            ))}
            {missing.length > 0 && <p className="muted">Still to fill in: {missing.join(', ')}.</p>}
            {isCurrent && preview.problems.length === 0 && missing.length === 0 && (
              <p className="all-well">Nothing would be refused.</p>
            )}
          </div>
        </>
      )}
    </aside>
  );
}

function Figures({ preview, target }: { preview: UseCasePreview; target: string }) {
  return (
    <dl className="terms">
      <Fact name="Parameters" value={preview.parameters === null ? '–' : count(preview.parameters)} />
      <Fact name="An update" value={preview.bytesPerUpdate === null ? '–' : bytes(preview.bytesPerUpdate)} />
      <Fact name="Tokens an epoch" value={preview.tokensPerDevice === null ? '–' : count(preview.tokensPerDevice)} />
      {preview.noiseToSignal !== null && (
        <Fact name={`Noise on the mean of ${target}`} value={`${preview.noiseToSignal.toPrecision(2)} × the clip`} />
      )}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
