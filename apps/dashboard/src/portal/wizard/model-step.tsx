import { AreaField } from '../parts/field.js';
import { Failure } from '../parts/failure.js';
import { DraftField, type StepProps } from './draft-field.js';
import type { ModelKind } from './draft.js';
import { EvaluationFile, ModelFile } from './file-fields.js';
import { LayoutTable } from './layout-table.js';
import { layoutOfDraft } from './request.js';

const KINDS: readonly (readonly [ModelKind, string, string])[] = [
  ['softmax', 'Softmax regression', 'one layer; small, and a good first try'],
  ['mlp', 'MLP', 'dense layers with ReLU between them'],
  ['cnn', 'Small CNN', 'two convolutions and a dense layer, for images'],
  ['file', 'A file', 'TensorFlow.js (model.json and weights) or safetensors'],
  ['bare', 'Bare layout', 'names and sizes only: the devices know what to do with them'],
];

export function ModelStep(props: StepProps) {
  const { draft, set } = props;
  return (
    <>
      <DraftField {...props} name="title" label="Title" hint="for people" isText />
      <DraftField {...props} name="id" label="Id" hint="small letters, digits and dashes; devices ask for it" isText />
      <fieldset className="choices">
        <legend>Model</legend>
        {KINDS.map(([kind, name, meaning]) => (
          <label key={kind} className="pick">
            <input type="radio" name="model" checked={draft.model === kind} onChange={() => set({ model: kind })} />
            <span>
              {name} <span className="muted">{meaning}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <ModelFields {...props} />
      <DraftLayout {...props} />
      <EvaluationFile {...props} />
    </>
  );
}

function ModelFields(props: StepProps) {
  const { draft, set } = props;
  if (draft.model === 'file') return <ModelFile {...props} />;
  if (draft.model === 'bare') {
    return (
      <AreaField
        label="Layout"
        hint="a line a tensor: its name, then its sizes; it begins with zeros where a tensor has one dimension"
        value={draft.bare}
        onValue={(bare) => set({ bare })}
      />
    );
  }
  return (
    <div className="form form-row">
      <DraftField {...props} name="inputs" label="Input" hint="sizes of one example: 28 × 28 × 1, or 784" isText />
      <DraftField {...props} name="classes" label="Classes" />
      {draft.model === 'mlp' && (
        <DraftField {...props} name="hidden" label="Hidden layers" hint="as 64 or 128, 32" isText />
      )}
    </div>
  );
}

function DraftLayout({ draft, preview }: StepProps) {
  try {
    const problem = preview.problemOf('layout');
    return (
      <>
        <LayoutTable layout={layoutOfDraft(draft)} />
        <Failure error={problem === undefined ? null : new Error(problem)} />
      </>
    );
  } catch (error) {
    return <p className="muted">{(error as Error).message}</p>;
  }
}
