import { growTree, roundNoise, type TreeState } from './tree-aggregation.js';
import type { Deviation } from './discrete-gaussian.js';
import { SEED_BYTES, seededBytes } from './seeded-bytes.js';

/** A tree under way: all that its later noise needs, and no more. */
export interface NoisyTree {
  readonly state: TreeState;
  /** of the step to come; each step's is hashed out of the one before, and gives none of the earlier ones away */
  readonly seed: Uint8Array;
}

export interface NextRelease {
  /** leaf of the round's data; those from `state.steps` up to it have none */
  readonly step: number;
  readonly deviation: Deviation;
  readonly dimension: number;
}

/**
 * The noise of the next release, and the tree after it. The noise of all releases adds up to the tree's cumulative
 * noise at the last one's step. Steps without data are drawn over: what is known to be nothing needs no noise.
 *
 * @throws RangeError for a step that the tree is past; LearningError `sum_overflow`
 */
export function releaseStep(
  { state, seed }: NoisyTree,
  { step, deviation, dimension }: NextRelease,
): { readonly noise: Float64Array; readonly tree: NoisyTree } {
  if (!(step >= state.steps)) throw new RangeError(`step ${step} of a tree that is at ${state.steps}`);
  let [grown, current] = [state, seed];
  while (grown.steps <= step) {
    const at = current;
    const isRelease = grown.steps === step;
    grown = growTree(
      grown,
      {
        deviation,
        bytesOf: (level, index, block) => seededBytes(at, 'tree', level, index, block),
        isEmpty: (level, index) => !isRelease && index * 2 ** level >= state.steps,
      },
      dimension,
    );
    current = seedAfter(current);
  }
  return { noise: roundNoise(state, grown, dimension), tree: { state: grown, seed: current } };
}

/** The seed of the next step. */
export const seedAfter = (seed: Uint8Array): Uint8Array => seededBytes(seed, 'next')(SEED_BYTES);
