import { Random } from './random.js';

/** Labelled examples of n numbers each: example i is inputs[i·n … (i+1)·n), 0 to 255 for 0 to 1. */
export interface Examples {
  readonly inputs: Uint8Array;
  /** classes, from 0 */
  readonly labels: Uint8Array;
  /** whose each is, from 0, where the data set says so: a speaker, an airline */
  readonly groups?: Uint8Array;
}

/** The examples at `indices`, in that order; copies. */
export function selectExamples({ inputs, labels, groups }: Examples, indices: ArrayLike<number>): Examples {
  const width = labels.length === 0 ? 0 : inputs.length / labels.length;
  const chosen = new Uint8Array(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i]! * width;
    chosen.set(inputs.subarray(start, start + width), i * width);
  }
  const pick = (values: Uint8Array): Uint8Array => Uint8Array.from(indices, (index) => values[index]!);
  return { inputs: chosen, labels: pick(labels), ...(groups === undefined ? {} : { groups: pick(groups) }) };
}

/** Numbers as a model takes them: float32, v/255. */
export function toInput(inputs: Uint8Array): Float32Array {
  const input = new Float32Array(inputs.length);
  for (let i = 0; i < input.length; i++) input[i] = inputs[i]! / 255;
  return input;
}

/**
 * Keeps examples that no device trains on, stratified: each label has its share, to within one example.
 *
 * @param testCount  examples kept, at most all; default 15 %
 * @returns two shuffled parts that together hold every example once; same seed, same split
 */
export function splitTest(
  examples: Examples,
  seed: number,
  testCount = Math.round(0.15 * examples.labels.length),
): { train: Examples; test: Examples } {
  const random = new Random(seed, 'split-test');
  const total = examples.labels.length;
  // Shuffle, then sort by label (stable): every ⌊k·total/testCount⌋-th example is a stratified sample.
  const order = [...random.shuffle(Uint32Array.from({ length: total }, (_, i) => i))];
  order.sort((a, b) => examples.labels[a]! - examples.labels[b]!);
  const kept = new Set(Array.from({ length: testCount }, (_, k) => order[Math.floor((k * total) / testCount)]!));
  const test = random.shuffle(Uint32Array.from(kept));
  const train = random.shuffle(Uint32Array.from(order.filter((index) => !kept.has(index))));
  return { train: selectExamples(examples, train), test: selectExamples(examples, test) };
}
