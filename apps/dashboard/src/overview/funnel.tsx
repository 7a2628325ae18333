import type { RoundView } from '#protocol';

import { filled } from '../controls/filled.js';
import { count, percent } from '../figures.js';
import { refused } from '../rounds/rounds-state.js';

interface Step {
  readonly name: string;
  readonly value: number | null;
  readonly meaning: string;
}

/** Issued → submitted → accepted, each as a share of the tokens issued; refusals apart, for they come from anywhere. */
export function Funnel({ round }: { round: RoundView }) {
  const { issued, submitted, accepted } = round;
  const refusals = refused(round);
  const widest = Math.max(issued ?? 0, submitted, accepted, 1);
  const steps: Step[] = [
    { name: 'Issued', value: issued, meaning: 'tokens for this round: the crowd an update hides in' },
    {
      name: 'Submitted',
      value: submitted,
      meaning: share(submitted, issued, 'of tokens', 'updates with a genuine token'),
    },
    { name: 'Accepted', value: accepted, meaning: share(accepted, submitted, 'of submitted', 'updates that count') },
    { name: 'Refused', value: refusals, meaning: refusals > 0 ? 'reasons below, under Refusals' : 'none so far' },
  ];
  return (
    <dl className="funnel">
      {steps.map(({ name, value, meaning }) => (
        <div key={name} className="funnel-step" data-step={name.toLowerCase()}>
          <dt>{name}</dt>
          <dd>
            <span className="funnel-value">{value === null ? '–' : count(value)}</span>
            <span className="funnel-track" aria-hidden="true">
              <span className="funnel-bar" style={filled((value ?? 0) / widest)} />
            </span>
            <span className="funnel-meaning">{meaning}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function share(part: number, whole: number | null, of: string, otherwise: string): string {
  return whole ? `${percent(part / whole)} ${of}` : otherwise;
}
