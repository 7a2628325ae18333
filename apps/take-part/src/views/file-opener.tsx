import { FileProblem, type Examples, type Expected } from '../examples/examples.js';
import { readExamples } from '../examples/read-file.js';
import { count } from './numbers.js';

interface FileOpenerProps {
  readonly expected: Expected;
  readonly onFile: (read: () => Promise<Examples>) => void;
  readonly isAlternative: boolean;
}

/** Reads a file in the page; the browser uploads nothing. */
export function FileOpener({ expected, onFile, isAlternative }: FileOpenerProps) {
  const { inputLength, classes = 0 } = expected;
  const open = async (file: File): Promise<Examples> => {
    const bytes = await file.arrayBuffer().catch(() => {
      throw new FileProblem('The file cannot be read.');
    });
    return readExamples(file.name, new Uint8Array(bytes), expected);
  };
  return (
    <div className="file-opener">
      <label className="button">
        {isAlternative ? 'Or open a file …' : 'Open a file …'}
        <input
          id="examples-file"
          type="file"
          accept=".json,.csv,.txt,.safetensors"
          aria-describedby="examples-form"
          onChange={({ target }) => {
            const file = target.files?.[0];
            if (file !== undefined) onFile(() => open(file));
            target.value = '';
          }}
        />
      </label>
      <p id="examples-form" className="muted small">
        JSON with <code>inputs</code> and <code>labels</code>, CSV with the label in the column <code>label</code> or
        the last one, or safetensors.{' '}
        {inputLength !== undefined && `Each example has ${count(inputLength)} numbers as the model expects them. `}
        Labels go from 0 to {classes - 1}.
      </p>
    </div>
  );
}
