import { describe, expect, it } from '@jest/globals';

import {
  cumulativeNoise,
  EMPTY_TREE,
  growTree,
  NOISE_BLOCK,
  replayTree,
  roundNoise,
  seededBytes,
  toDeviation,
  treeSensitivity,
  treeVariance,
  type TreeNoiseSource,
} from '../index.js';

const codeOf = (code: string) => expect.objectContaining({ code });
const SEED = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
const source = (sigma: number, seed = SEED): TreeNoiseSource => ({
  deviation: toDeviation(sigma),
  bytesOf: (level, index, block) => seededBytes(seed, 'tree', level, index, block),
});
const variance = (values: Float64Array): number => values.reduce((sum, x) => sum + x * x, 0) / values.length;

describe('tree noise', () => {
  // Kills: weights of 2^(l+1), a node's noise used for two nodes, plain prefix sums without the children.
  it('[DPR12] has the variance of Honaker’s estimate after each number of rounds', () => {
    const dimension = 20_000;
    let state = EMPTY_TREE;
    for (let t = 1; t <= 16; t++) {
      state = growTree(state, source(1000), dimension);
      const measured = variance(cumulativeNoise(state, dimension)) / 1e6;
      expect(Math.abs(measured / treeVariance(t) - 1)).toBeLessThan(5 * Math.sqrt(2 / dimension));
    }
    expect(treeVariance(1)).toBe(1);
    expect(treeVariance(2)).toBeCloseTo(2 / 3, 15);
    expect(treeVariance(7)).toBeCloseTo(4 / 7 + 2 / 3 + 1, 15);
    expect(treeVariance(2 ** 20)).toBeCloseTo(0.5, 6);
  });

  it('[DPR12] the rounds’ noise adds up to the cumulative noise, in whole numbers', () => {
    const total = new Float64Array(50);
    let state = EMPTY_TREE;
    for (let t = 1; t <= 21; t++) {
      const next = growTree(state, source(3), 50);
      const noise = roundNoise(state, next, 50);
      noise.forEach((x, j) => (total[j]! += x));
      expect(total).toEqual(cumulativeNoise(next, 50));
      expect(noise.every(Number.isSafeInteger)).toBe(true);
      state = next;
    }
  });

  // Kills: a node's noise drawn anew after a crash or in another slice.
  it('[DPR13] is the same from the seed and the number of rounds alone, whole or by blocks', () => {
    const dimension = NOISE_BLOCK + 5;
    const kept = growTree(growTree(replayTree(3, source(20), dimension), source(20), dimension), source(20), dimension);
    const again = replayTree(5, source(20), dimension);
    expect(again).toEqual(kept);
    const slice = replayTree(5, source(20), 5, 1);
    expect(cumulativeNoise(slice, 5)).toEqual(cumulativeNoise(again, dimension).subarray(NOISE_BLOCK));
    expect([...cumulativeNoise(again, dimension).subarray(0, 4)]).toEqual([-3, -7, 11, 16]);
    const other = replayTree(5, source(20, SEED.with(3, 1)), 5);
    expect(cumulativeNoise(other, 5)).not.toEqual(cumulativeNoise(again, dimension).subarray(0, 5));
  });

  it('[DPR12] is exactly the rounded estimate of the noisy nodes', () => {
    // Three rounds by hand: node 1 over rounds 0 and 1, and the leaf of round 2.
    const draw = (level: number, index: number): Float64Array => {
      const only = growTree({ steps: index * 2 ** level, levels: [] }, at(level, index), 8);
      return only.levels[0]!;
    };
    const at = (level: number, index: number): TreeNoiseSource => ({
      deviation: toDeviation(9),
      bytesOf: (_level, _index, block) => seededBytes(SEED, 'tree', level, index, block),
    });
    const [a, b, both, c] = [draw(0, 0), draw(0, 1), draw(1, 0), draw(0, 2)];
    const want = Float64Array.from(a, (_, j) => Math.round((2 * both[j]! + a[j]! + b[j]!) / 3) + c[j]!);
    expect(cumulativeNoise(replayTree(3, source(9), 8), 8)).toEqual(want);
  });

  it('[DPR12] refuses noise that could pass 2^53', () => {
    expect(() => growTree({ steps: 2 ** 20, levels: [] }, source(2 ** 30), 1)).toThrow(codeOf('sum_overflow'));
  });
});

/** All ways to take part, tried. */
function sensitivityByTrial(steps: number, most: number, separation: number): number {
  let best = 0;
  const tryFrom = (first: number, taken: number[]): void => {
    let squares = 0;
    for (let size = 1; size <= steps; size *= 2) {
      for (let start = 0; start + size <= steps; start += size) {
        squares += taken.filter((t) => t >= start && t < start + size).length ** 2;
      }
    }
    best = Math.max(best, squares);
    if (taken.length === most) return;
    for (let t = first; t < steps; t++) tryFrom(t + separation, [...taken, t]);
  };
  tryFrom(0, []);
  return best;
}

describe('sensitivity of a tree', () => {
  // Kills: separation off by one, a node above T's last complete one, the greedy choice (24 steps).
  it.each([
    { steps: 8, participations: 1, separation: 8 },
    { steps: 9, participations: 3, separation: 4 },
    { steps: 7, participations: 3, separation: 3 },
    { steps: 16, participations: 5, separation: 1 },
    { steps: 13, participations: 13, separation: 2 },
    { steps: 24, participations: 8, separation: 3 },
    { steps: 21, participations: 4, separation: 5 },
    { steps: 3, participations: 9, separation: 7 },
  ])('[DPR8] of $steps steps, $participations times $separation apart, is the largest of all there are', (row) => {
    const squares = treeSensitivity(row) ** 2;
    expect(squares).toBeCloseTo(sensitivityByTrial(row.steps, row.participations, row.separation), 9);
  });

  it('[DPR8] falls with separation and grows with participations', () => {
    const of = (participations: number, separation: number): number =>
      treeSensitivity({ steps: 100, participations, separation });
    expect(of(1, 1)).toBeCloseTo(Math.sqrt(7), 12);
    expect(of(4, 25)).toBeLessThan(of(4, 20));
    expect(of(4, 20)).toBeLessThan(of(5, 20));
    // Five rounds 25 apart do not fit into 100, nor do six.
    expect(of(5, 25)).toBe(of(4, 25));
    expect(() => of(0, 1)).toThrow(codeOf('bad_strategy'));
    expect(() => of(1, 0)).toThrow(codeOf('bad_strategy'));
  });
});
