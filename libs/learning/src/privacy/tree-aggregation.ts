import { LearningError } from '../errors.js';
import { addDiscreteGaussian, type Deviation } from './discrete-gaussian.js';
import type { RandomSource } from './seeded-bytes.js';

/** Where the noise of a tree's nodes comes from. */
export interface TreeNoiseSource {
  readonly deviation: Deviation;
  /**
   * The bytes of a block of a node, from their start at each call:
   * `(level, index, block) => seededBytes(seed, 'tree', level, index, block)`, one stored seed for the whole tree.
   */
  readonly bytesOf: (level: number, index: number, block: number) => RandomSource;
  /** Nodes without data, as everybody knows: their sum is 0 and needs no noise. By default there are none. */
  readonly isEmpty?: (level: number, index: number) => boolean;
}

/** What a tree remembers after some rounds. The seed and `steps` alone give the rest again, by `replayTree`. */
export interface TreeState {
  /** rounds released, t */
  readonly steps: number;
  /** for each binary digit of t the sum that stands for its 2^level rounds; empty where the digit is 0 */
  readonly levels: readonly Float64Array[];
}

export const EMPTY_TREE: TreeState = { steps: 0, levels: [] };

/**
 * One round further: draws the round's leaf, and each node that it completes.
 *
 * Honaker's estimate of a complete node averages its own noise with its children's estimates so that the variance is
 * least. Multiplied out it is N/(2^(l+1) − 1) with the integer N = Σ 2^level(u)·z_u over all nodes u below; its
 * variance falls from σ² at a leaf to σ²/2. N of a node is 2^l·z + N(left) + N(right).
 *
 * @param dimension  length of every vector
 * @param firstBlock  block where this slice of the vectors starts
 * @returns the next state; vectors of the old one may be reused in it
 * @throws LearningError `sum_overflow` for a tree so high, or noise so large, that N could pass 2^53
 * @see Honaker 2015; Kairouz et al. 2021, https://arxiv.org/abs/2103.00039
 */
export function growTree(state: TreeState, source: TreeNoiseSource, dimension: number, firstBlock = 0): TreeState {
  const levels = [...state.levels];
  const noiseOf = (level: number): Float64Array => {
    const index = Math.floor(state.steps / 2 ** level);
    const z = new Float64Array(dimension);
    if (source.isEmpty?.(level, index) === true) return z;
    const bytesOf = (block: number): RandomSource => source.bytesOf(level, index, block);
    addDiscreteGaussian(z, { deviation: source.deviation, bytesOf }, firstBlock);
    return z;
  };
  checkHeight(state.steps + 1, source.deviation);
  let sum = noiseOf(0);
  let level = 0;
  for (let left = levels[0]; left && left.length > 0; left = levels[level]) {
    levels[level] = new Float64Array(0);
    level += 1;
    const z = noiseOf(level);
    for (let j = 0; j < dimension; j++) z[j] = 2 ** level * z[j]! + left[j]! + sum[j]!;
    sum = z;
  }
  levels[level] = sum;
  return { steps: state.steps + 1, levels };
}

/** The state after `steps` rounds, from the seed alone: 2·steps draws a coordinate. */
export function replayTree(steps: number, source: TreeNoiseSource, dimension: number, firstBlock = 0): TreeState {
  let state = EMPTY_TREE;
  while (state.steps < steps) state = growTree(state, source, dimension, firstBlock);
  return state;
}

/**
 * The noise on the sum of all rounds so far: Σ round(N/(2^(l+1) − 1)) over the digits of t. Whole numbers, so that
 * rounding the noisy nodes' estimate and rounding the noise are the same: nothing but the noisy nodes is released.
 */
export function cumulativeNoise({ levels }: TreeState, dimension: number): Float64Array {
  const noise = new Float64Array(dimension);
  levels.forEach((sum, level) => {
    const divisor = 2 ** (level + 1) - 1;
    for (let j = 0; j < sum.length; j++) noise[j]! += nearest(sum[j]!, divisor);
  });
  return noise;
}

/**
 * The noise to add to one round's own sum, so that the sums of all rounds together carry the cumulative noise.
 *
 * @param before  state before the round
 * @param after  state after it
 */
export function roundNoise(before: TreeState, after: TreeState, dimension: number): Float64Array {
  const noise = cumulativeNoise(after, dimension);
  cumulativeNoise(before, dimension).forEach((old, j) => (noise[j]! -= old));
  return noise;
}

/** Variance of the cumulative noise after t rounds, in units of one node's: Σ 2^l/(2^(l+1) − 1) over the digits of t. */
export function treeVariance(steps: number): number {
  let variance = 0;
  for (let level = 0; 2 ** level <= steps; level++) {
    if (Math.floor(steps / 2 ** level) % 2 === 1) variance += 2 ** level / (2 ** (level + 1) - 1);
  }
  return variance;
}

/** The integer nearest to n/d, d odd so that there are no ties; remainders of integers are exact, quotients are not. */
function nearest(n: number, d: number): number {
  const rest = n % d;
  const whole = (n - rest) / d;
  return 2 * Math.abs(rest) > d ? whole + Math.sign(rest) : whole;
}

/** N has a deviation below 2^(l+½)·σ; one coordinate in 10^300 would pass 45 of them. */
function checkHeight(steps: number, { numerator, denominator }: Deviation): void {
  if (steps * Math.SQRT2 * (numerator / denominator) * 45 > 2 ** 53) {
    throw new LearningError(
      'sum_overflow',
      `noise of ${numerator}/${denominator} over ${steps} rounds could pass 2^53`,
    );
  }
}
