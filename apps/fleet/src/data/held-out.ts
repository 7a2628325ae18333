import { selectExamples, type Examples } from './examples.js';
import { Random } from './random.js';

/** One device's examples: those that it trains on, and those that it measures models on. */
export interface Hand {
  readonly train: Examples;
  /** may be none, where it has few */
  readonly heldOut: Examples;
}

/** Keeps a share of a device's own examples out of its training. Same seed, same split. */
export function holdOut(examples: Examples, share: number, seed: number | string): Hand {
  const order = new Random(seed, 'held-out').shuffle(Uint32Array.from(examples.labels, (_, i) => i));
  const count = Math.floor(share * order.length);
  // Where nothing is held out the others stay as they came.
  const rest = order.slice(count).sort();
  return { train: selectExamples(examples, rest), heldOut: selectExamples(examples, order.subarray(0, count)) };
}
