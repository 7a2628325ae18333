import { layoutLength } from '#learning';

import { count } from '../../figures.js';
import type { StepProps } from './draft-field.js';
import type { Draft } from './draft.js';
import { layoutOfDraft } from './request.js';

function parametersOf(draft: Draft): string {
  try {
    return `${count(layoutLength(layoutOfDraft(draft)))} parameters`;
  } catch (error) {
    return (error as Error).message;
  }
}

const optionsOf = ({ options }: Draft): string =>
  Object.entries(options)
    .filter(([, value]) => value.trim() !== '')
    .map(([name, value]) => `, ${name} ${value}`)
    .join('');

function privacyOf({ privacy, noiseMultiplier, delta, epsilonMax }: Draft): string {
  if (privacy === 'off') return 'off';
  return `${privacy}: σ ${noiseMultiplier}, δ ${delta}, budget ε ${epsilonMax}`;
}

/** All that will be created, once more, in words. */
export function ReviewStep({ draft }: StepProps) {
  const facts: readonly (readonly [string, string])[] = [
    ['Use case', `${draft.title} (${draft.id})`],
    ['Model', `${draft.model === 'file' ? draft.uploaded?.name : draft.model}, ${parametersOf(draft)}`],
    ['Measured on', draft.evaluation === null ? 'nothing on the server' : draft.evaluation.name],
    ['Strategy', `${draft.strategy}${optionsOf(draft)}`],
    ['Updates', `${draft.encoding}, scale ${draft.scale}, clip ${draft.clip}`],
    ['Privacy', privacyOf(draft)],
    ['A round', `${draft.kMin} to ${draft.target} devices, ${draft.deadlineSeconds} s, jitter ${draft.jitterMs} ms`],
    ['An epoch', `${draft.epochSeconds} s, ${draft.slots} slots`],
    ['Rounds', draft.rounds],
    ['Enrolment code', `for ${draft.devices} devices, ${draft.validDays} days`],
  ];
  return (
    <dl className="terms terms-wide">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
