import { DraftField, type StepProps } from './draft-field.js';
import { cancels, type PrivacyKind } from './draft.js';

const KINDS: readonly (readonly [PrivacyKind, string, string])[] = [
  ['off', 'Off', 'sums are exact; what a model gives away about a device is not bounded'],
  ['fixed', 'Noise, fixed clip', 'independent noise on each sum'],
  ['adaptive', 'Noise, adaptive clip', 'the clip follows what updates need'],
  ['tree', 'Noise of a tree', 'less noise in the last of many models; a device takes part every so many slots'],
  ['banded', 'Banded noise', 'less noise in the models on the way there; a device takes part every so many slots'],
];

export function PrivacyStep(props: StepProps) {
  const { draft, set, preview } = props;
  const problem = preview.problemOf('privacy') ?? preview.problemOf('privacy.clipping');
  return (
    <>
      <fieldset className="choices">
        <legend>Differential privacy of what is published</legend>
        {KINDS.map(([kind, name, meaning]) => (
          <label key={kind} className="pick">
            <input
              type="radio"
              name="privacy"
              checked={draft.privacy === kind}
              onChange={() => set({ privacy: kind })}
            />
            <span>
              {name} <span className="muted">{meaning}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {problem !== undefined && <p className="said-no">{problem}</p>}
      {draft.privacy !== 'off' && <NoiseFields {...props} />}
    </>
  );
}

function NoiseFields(props: StepProps) {
  return (
    <div className="form form-row">
      <DraftField
        {...props}
        name="noiseMultiplier"
        field="privacy.noiseMultiplier"
        label="Noise multiplier σ"
        hint="deviation of the noise over what one device can change"
      />
      <DraftField {...props} name="delta" field="privacy.delta" label="δ" hint="far below one over the devices" />
      <DraftField
        {...props}
        name="epsilonMax"
        field="privacy.epsilonMax"
        label="Budget ε"
        hint="no round starts that could cost more in all"
      />
      <DraftField {...props} name="clip" label="Clip" hint="the longest that an update may be (L2)" />
      {cancels(props.draft.privacy) && (
        <>
          <DraftField
            {...props}
            name="separation"
            field="privacy.separation"
            label="Separation"
            hint="slots between two rounds of one device; divides the slots of an epoch"
          />
          <DraftField {...props} name="treeEpochs" field="privacy.epochs" label="Epochs it spans" />
        </>
      )}
      <DraftField {...props} name="rounds" label="Rounds planned" hint="the curve is drawn for so many" />
    </div>
  );
}
