import { useState } from 'react';

import type { TakePart } from '../device/take-part.js';
import { countByLabel, FileProblem, type Examples } from '../examples/examples.js';
import { isDrawable, type ModelShape } from '../training/model-shape.js';
import { DrawingPad } from './drawing-pad.js';
import { FileOpener } from './file-opener.js';
import { count, counted } from './numbers.js';

interface ExamplesCardProps {
  readonly takePart: TakePart;
  readonly examples: Examples | undefined;
  readonly model: ModelShape;
}

/** What the device trains on. None of it leaves. */
export function ExamplesCard({ takePart, examples, model }: ExamplesCardProps) {
  const [problem, setProblem] = useState<string>();
  const { inputShape, classes } = model;
  const inputLength = inputShape?.reduce((product, size) => product * size, 1);
  const add = async (read: () => Examples | Promise<Examples>): Promise<void> => {
    try {
      await takePart.addExamples(await read());
      setProblem(undefined);
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      setProblem(error.message);
    }
  };
  return (
    <section className="card" aria-labelledby="examples-title">
      <h2 id="examples-title">Your examples</h2>
      <p className="muted">They stay in this browser.</p>
      {isDrawable(inputShape) && <DrawingPad classes={classes} onExample={(example) => void add(() => example)} />}
      <FileOpener
        expected={{ inputLength, classes }}
        onFile={(read) => void add(read)}
        isAlternative={isDrawable(inputShape)}
      />
      {problem !== undefined && (
        <p className="banner banner-bad" role="alert">
          {problem}
        </p>
      )}
      <ExamplesSum examples={examples} />
      {examples !== undefined && (
        <button className="button" type="button" onClick={() => void takePart.deleteExamples()}>
          Delete all examples
        </button>
      )}
    </section>
  );
}

function ExamplesSum({ examples }: { readonly examples: Examples | undefined }) {
  if (examples === undefined) return <p role="status">No examples yet.</p>;
  const { labels, inputLength } = examples;
  return (
    <div role="status">
      <p>
        <b>{counted(labels.length, 'example')}</b> of {count(inputLength)} numbers each
      </p>
      <ul className="labels">
        {[...countByLabel(labels)].slice(0, 40).map(([label, many]) => (
          <li key={label}>
            <b>{label}</b> <span className="muted">×{count(many)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
