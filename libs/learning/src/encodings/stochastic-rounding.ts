import { LearningError } from '../errors.js';
import { checkGrid, l2Norm, normOfChange, type Grid } from '../grid.js';
import { RandomCoins } from '../privacy/coins.js';
import type { RandomSource } from '../privacy/seeded-bytes.js';

/*
 * A coarse grid rounds most of a delta to zero, for every device in the same direction: the mean of many would be off
 * by as much. Rounded up with the chance of the fraction, each integer has the delta as its mean, and the mean of many
 * comes near it.
 */

/** The chance that a draw is thrown away for its length is 2^-40 at most. */
const THROWN_AWAY_BITS = 40;

/**
 * Largest L2 norm of an update that was rounded by lot: the lesser of C·s + √n, which no draw passes, and the root of
 *
 *     (C·s)² + n/4 + √(2·ln 2^40)·(C·s + √n/2)
 *
 * which a draw passes once in 2^40 times, and is then thrown away. Why: with x = s·Δ clipped and a coin B of chance
 * p = x − ⌊x⌋, an integer's square is ⌊x⌋² + B·(2⌊x⌋ + 1). The mean of the sum is ‖x‖² + Σ p(1 − p) ≤ (C·s)² + n/4. Its
 * terms are independent, and 2⌊x⌋ + 1 = 2x + (1 − 2p) spans at most 2‖x‖ + √n in L2; so says Hoeffding's inequality.
 *
 * Rounding to the nearest has C·s + √n/2, whose square is larger: all its errors may point the same way.
 *
 * @param rounded  n: coordinates that are rounded
 * @see Kairouz, Liu, Steinke 2021, https://arxiv.org/abs/2102.06387, where draws are made again instead
 */
export function maxStochasticNorm(grid: Grid, rounded: number): number {
  checkGrid(grid);
  const clip = grid.clip * grid.scale;
  const root = Math.sqrt(rounded);
  const likely = clip ** 2 + rounded / 4 + Math.sqrt(2 * THROWN_AWAY_BITS * Math.LN2) * (clip + root / 2);
  return Math.min(clip + root, Math.sqrt(likely));
}

/** Of the coin that decides where a byte does not: the finest chance that `RandomCoins` has. */
const FINEST = 2 ** 45;

/** Bytes asked of the source at a time: browsers give no more at once. */
const BLOCK = 2 ** 16;

/**
 * Clips a delta and rounds it to the grid by lot: E[q] = s·Δ·min(1, C/‖Δ‖₂), up to 2^-39 of a step. A draw that is
 * longer than the bound is rounded towards zero instead, which makes nothing longer.
 *
 * @returns int32, length n, with |q| ≤ maxCoordinate and ‖q‖₂ ≤ maxStochasticNorm
 * @throws LearningError `not_finite`, `bad_grid`
 */
export function toGridByLot(delta: Float32Array | Float64Array, grid: Grid, random: RandomSource): Int32Array {
  return roundByLot(delta, new Float32Array(delta.length), l2Norm(delta), { grid, random });
}

/**
 * `toGridByLot` of `after` − `before`, whose delta is never in memory.
 *
 * @throws LearningError as `toGridByLot`; `dimension_mismatch`
 */
export function changeToGridByLot(
  after: Float32Array,
  before: Float32Array,
  grid: Grid,
  random: RandomSource,
): Int32Array {
  return roundByLot(after, before, normOfChange(after, before), { grid, random });
}

/**
 * Each number takes a byte b as the first digit of its lot. With ⌊256·x⌋ = 256·⌊x⌋ + digit, x is rounded up where the
 * digit is greater than b, which adding 255 − b carries over: nothing that a processor could guess wrong. Where both are
 * equal, once in 256 times, a coin of what is left decides.
 */
function roundByLot(
  after: Float32Array | Float64Array,
  before: Float32Array,
  norm: number,
  { grid, random }: { readonly grid: Grid; readonly random: RandomSource },
): Int32Array {
  const maxSquares = Math.floor(maxStochasticNorm(grid, after.length) ** 2);
  if (!Number.isFinite(norm)) throw new LearningError('not_finite', 'the delta holds a number that is not finite');

  const factor = grid.scale * Math.min(1, grid.clip / norm);
  // What is at the clip may be an ulp beyond it, and one step more would be out of range.
  const most = grid.clip * grid.scale;
  const coins = new RandomCoins(random);
  const q = new Int32Array(after.length);
  let squares = 0;
  for (let start = 0; start < q.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, q.length);
    const digits = random(end - start);
    for (let j = start; j < end; j++) {
      const fine = 256 * within(most, (after[j]! - before[j]!) * factor);
      const whole = Math.floor(fine);
      const digit = digits[j - start]!;
      const isTie = (whole & 255) === digit;
      let value = Math.floor((whole + 255 - digit) / 256);
      if (isTie && coins.bernoulli(Math.round((fine - whole) * FINEST), FINEST)) value++;
      q[j] = value;
      squares += value * value;
    }
  }
  return squares <= maxSquares ? q : q.map((_, j) => Math.trunc(within(most, (after[j]! - before[j]!) * factor)));
}

const within = (most: number, x: number): number => Math.min(most, Math.max(-most, x));
