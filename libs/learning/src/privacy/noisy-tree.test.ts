import { describe, expect, it } from '@jest/globals';

import {
  cumulativeNoise,
  decodeTreeState,
  EMPTY_TREE,
  encodeTreeState,
  growTree,
  releaseStep,
  seedAfter,
  seededBytes,
  toDeviation,
  type NoisyTree,
} from '../index.js';

const SEED = Uint8Array.from({ length: 32 }, (_, i) => 5 * i);
const START: NoisyTree = { state: EMPTY_TREE, seed: SEED };
const variance = (values: Float64Array): number => values.reduce((sum, x) => sum + x * x, 0) / values.length;

/** The noise of each of these steps, and the tree in the end. */
function released(steps: readonly number[], { sigma, dimension }: { sigma: number; dimension: number }) {
  const noises: Float64Array[] = [];
  let tree = START;
  for (const step of steps) {
    const next = releaseStep(tree, { step, deviation: toDeviation(sigma), dimension });
    noises.push(next.noise);
    // As it is kept between two rounds.
    const { seed, state } = next.tree;
    tree = { seed, state: decodeTreeState(encodeTreeState(state, dimension), state.steps, dimension) };
  }
  return { noises, tree };
}

function sumOf(noises: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(noises[0]!.length);
  for (const noise of noises) noise.forEach((x, j) => (sum[j]! += x));
  return sum;
}

describe('noise of a tree, release by release', () => {
  // Kills: a release's noise that is the whole tree's, so that nothing cancels; steps that are passed over and lost.
  it('[DPR51] adds up to the cumulative noise, whichever steps were passed over, also when it was kept in between', () => {
    const { noises, tree } = released([1, 2, 5, 6, 12], { sigma: 30, dimension: 40 });
    expect(tree.state.steps).toBe(13);
    expect(sumOf(noises)).toEqual(cumulativeNoise(tree.state, 40));
    expect(noises.every((noise) => noise.every(Number.isSafeInteger))).toBe(true);
  });

  it('[DPR51] is that of the tree with a seed for each step, hashed one out of the other', () => {
    const { noises } = released([0, 1, 2], { sigma: 30, dimension: 8 });
    let state = EMPTY_TREE;
    let seed: Uint8Array = SEED;
    for (let step = 0; step < 3; step++) {
      const at = seed;
      const bytesOf = (level: number, index: number, block: number) => seededBytes(at, 'tree', level, index, block);
      state = growTree(state, { deviation: toDeviation(30), bytesOf }, 8);
      seed = seedAfter(seed);
    }
    expect(sumOf(noises)).toEqual(cumulativeNoise(state, 8));
  });

  // Kills: noise on what is known to be nothing; no noise on a node that has data and was complete only after it.
  it.each([
    { steps: [7], level: [1, 4, 16, 64], divisor: 15 },
    { steps: [4, 7], level: [2, 8, 16, 64], divisor: 15 },
    { steps: [0, 7], level: [2, 8, 32, 64], divisor: 15 },
  ])('[DPR51] costs nothing for steps without data: $steps', ({ steps, level, divisor }) => {
    const [sigma, dimension] = [1000, 10_000];
    const sum = sumOf(released(steps, { sigma, dimension }).noises);
    // Nodes with data on each level, times the square of its weight.
    const expected = level.reduce((a, b) => a + b, 0) / divisor ** 2;
    expect(Math.abs(variance(sum) / sigma ** 2 / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / dimension));
  });

  it('[DPR51] a tree goes forward only, and its bytes are those of its steps', () => {
    const { tree } = released([3], { sigma: 3, dimension: 2 });
    expect(() => releaseStep(tree, { step: 3, deviation: toDeviation(3), dimension: 2 })).toThrow(RangeError);
    expect(() => decodeTreeState(new Uint8Array(15), 4, 2)).toThrow(expect.objectContaining({ code: 'wrong_length' }));
  });
});
