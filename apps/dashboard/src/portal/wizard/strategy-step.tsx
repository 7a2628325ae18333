import { SelectField, TextField } from '../parts/field.js';
import { DraftField, type StepProps } from './draft-field.js';
import type { Draft } from './draft.js';
import { useStrategies, type ListedStrategy } from './strategies.js';

const ENCODINGS: readonly (readonly [Draft['encoding'], string])[] = [
  ['int32', 'int32, 4 bytes each'],
  ['int16', 'int16, 2 bytes each'],
  ['int8', 'int8, 1 byte each'],
  ['topK', 'topK, the largest alone'],
];

export function StrategyStep(props: StepProps) {
  const { draft, set, preview } = props;
  const strategies = useStrategies();
  const chosen = strategies.find(({ name }) => name === draft.strategy);
  return (
    <>
      <fieldset className="choices choices-columns">
        <legend>How updates become the next model</legend>
        {strategies.map(({ name, meaning }) => (
          <label key={name} className="pick">
            <input
              type="radio"
              name="strategy"
              checked={draft.strategy === name}
              onChange={() => set({ strategy: name, options: {} })}
            />
            <span>
              {name} <span className="muted">{meaning}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <About chosen={chosen} />
      {preview.problemOf('strategy') !== undefined && <p className="said-no">{preview.problemOf('strategy')}</p>}
      <Options {...props} chosen={chosen} />
      <EncodingFields {...props} />
    </>
  );
}

type Chosen = ListedStrategy | undefined;

function About({ chosen }: { chosen: Chosen }) {
  return (
    <p className="muted">
      {chosen?.paper != null && (
        <>
          <a href={chosen.paper} target="_blank" rel="noreferrer">
            The paper on {chosen.name}
          </a>
          .{' '}
        </>
      )}
      Which strategies bear dishonest updates, and how many, is measured in <code>docs/robustness.md</code>.
    </p>
  );
}

function Options({ draft, set, chosen }: StepProps & { chosen: Chosen }) {
  return (
    <div className="form form-row">
      {chosen?.options.map(({ name, usual }) => (
        <TextField
          key={name}
          label={name}
          inputMode="decimal"
          hint={usual === null ? 'has no default' : `${usual} when left out`}
          value={draft.options[name] ?? ''}
          onChange={(event) => set({ options: { ...draft.options, [name]: event.target.value } })}
        />
      ))}
    </div>
  );
}

function EncodingFields(props: StepProps) {
  const { draft, set, preview } = props;
  return (
    <div className="form form-row">
      <SelectField
        label="How updates travel"
        problem={preview.problemOf('encoding')}
        value={draft.encoding}
        onChange={(event) => set({ encoding: event.target.value as Draft['encoding'] })}
      >
        {ENCODINGS.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      {draft.encoding === 'topK' && <DraftField {...props} name="topK" label="Numbers of an update" />}
      <DraftField {...props} name="scale" label="Scale" hint="steps of the whole-number grid in 1" />
      <DraftField {...props} name="clip" label="Clip" hint="the longest that an update may be (L2)" />
    </div>
  );
}
