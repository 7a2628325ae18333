/** Labelled examples of one length: example i is inputs[i·length … (i+1)·length). They stay on the device. */
export interface Examples {
  readonly inputLength: number;
  readonly inputs: Float32Array<ArrayBuffer>;
  /** classes, from 0 */
  readonly labels: Uint32Array<ArrayBuffer>;
}

/** What a model takes; undefined where its description does not say. */
export interface Expected {
  readonly inputLength?: number | undefined;
  readonly classes?: number | undefined;
}

/** A file that cannot be used; the message is a sentence for whoever chose it. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
}

/** One after the other; both of one length. */
export function joinExamples(first: Examples | undefined, second: Examples): Examples {
  if (first === undefined || first.labels.length === 0) return second;
  if (first.inputLength !== second.inputLength) {
    throw new FileProblem(
      `The examples that are here have ${first.inputLength} numbers each, and the new ones ${second.inputLength}. Delete the old ones first.`,
    );
  }
  const inputs = new Float32Array(first.inputs.length + second.inputs.length);
  inputs.set(first.inputs);
  inputs.set(second.inputs, first.inputs.length);
  const labels = new Uint32Array(first.labels.length + second.labels.length);
  labels.set(first.labels);
  labels.set(second.labels, first.labels.length);
  return { inputLength: first.inputLength, inputs, labels };
}

/** How many examples each label has, by label. */
export function countByLabel(labels: Uint32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const label of labels.toSorted()) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/**
 * Checks rows of numbers, whatever file they are from.
 *
 * @param where  names row i for a person, as "line 3"
 * @throws FileProblem
 */
export function toExamples(
  rows: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  { inputLength: wanted, classes }: Expected,
  where: (index: number) => string,
): Examples {
  const inputLength = wanted ?? rows[0]?.length ?? 0;
  if (rows.length === 0 || inputLength === 0) throw new FileProblem('The file has no examples.');
  if (labels.length !== rows.length) {
    throw new FileProblem(`There are ${rows.length} inputs and ${labels.length} labels: each input needs one label.`);
  }
  const inputs = new Float32Array(rows.length * inputLength);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row.length !== inputLength) {
      throw new FileProblem(`${where(i)} has ${row.length} numbers, and this model takes ${inputLength}.`);
    }
    for (let j = 0; j < inputLength; j++) {
      const value = Number(row[j]);
      if (!Number.isFinite(value)) throw new FileProblem(`${where(i)}: value ${j + 1} is no number.`);
      inputs[i * inputLength + j] = value;
    }
    checkLabel(Number(labels[i]), classes, where(i));
  }
  return { inputLength, inputs, labels: Uint32Array.from({ length: labels.length }, (_, i) => Number(labels[i])) };
}

function checkLabel(label: number, classes: number | undefined, where: string): void {
  if (Number.isInteger(label) && label >= 0 && label < (classes ?? 2 ** 31)) return;
  const range = classes === undefined ? 'from 0' : `from 0 to ${classes - 1}`;
  throw new FileProblem(`${where} has the label ${label}: labels are whole numbers ${range}.`);
}
