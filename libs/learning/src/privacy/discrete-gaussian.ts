import { LearningError } from '../errors.js';
import { RandomCoins, type Coins } from './coins.js';
import type { RandomSource } from './seeded-bytes.js';

/** σ as a fraction of positive integers, in grid units. Samplers know no other numbers. */
export interface Deviation {
  /** at most 2^40 */
  readonly numerator: number;
  /** at most 2^40 */
  readonly denominator: number;
}

/** Coordinates that share a stream of bytes, so that slices of a vector can be drawn apart and come out the same. */
export const NOISE_BLOCK = 2 ** 16;

/** Largest σ that can be drawn, in grid units: all that a draw is made of stays below 2^53. */
export const LARGEST_DEVIATION = 2 ** 39;

/**
 * The fraction at or just above σ: never less noise than was accounted for, and less than 2^-29 of it more.
 *
 * @param sigma  within [2^-10, 2^39]
 * @throws LearningError `bad_strategy`
 */
export function toDeviation(sigma: number): Deviation {
  if (!(sigma >= 2 ** -10 && sigma <= LARGEST_DEVIATION)) {
    throw new LearningError('bad_strategy', `noise with a deviation of ${sigma} grid steps cannot be drawn`);
  }
  // Doubling is exact, so σ·denominator is the true product and only `ceil` rounds: upwards.
  let denominator = 1;
  while (sigma * denominator < 2 ** 29) denominator *= 2;
  return { numerator: Math.ceil(sigma * denominator), denominator };
}

/**
 * One exact draw from the discrete Gaussian over the integers: P(x) ∝ exp(−x²/2σ²).
 *
 * With σ = m/h it is a draw X from N_ℤ(0, m²) that happens to be a multiple of h, divided by h. |X| = u + m·v is
 * proposed with probability ∝ exp(−|X|/m), u < m in the one residue class that makes it a multiple, and kept with
 * probability exp(−(|X| − m)²/2m²): together ∝ exp(−X²/2m²). All decisions are coins with rational chances whose
 * terms are below 2^42.
 *
 * @see Canonne, Kamath, Steinke 2020, Algorithm 3, https://arxiv.org/abs/2004.00010
 */
export function discreteGaussian(coins: Coins, { numerator: m, denominator: h }: Deviation): number {
  const places = Math.ceil(m / h);
  const step = m % h;
  for (;;) {
    let v = 0;
    let residue = 0;
    while (coins.bernoulliExp(1, 1)) {
      v += 1;
      residue = residue < step ? residue - step + h : residue - step;
    }
    const u = residue + h * coins.below(places);
    // Whatever fails starts all over: v too, for the classes of residues do not weigh the same.
    if (u >= m || !coins.bernoulliExp(u, m)) continue;
    const negative = coins.bernoulli(1, 2);
    if (negative && u === 0 && v === 0) continue;
    if (keeps(coins, u, v, m)) return negative ? -(u + m * v) / h : (u + m * v) / h;
  }
}

/** True with probability exp(−(u + m·v − m)²/2m²): the square multiplied out, so that each factor is at most 1. */
function keeps(coins: Coins, u: number, v: number, m: number): boolean {
  if (v === 0) return coins.bernoulliGauss(m - u, m);
  const whole = v - 1;
  for (let i = 0; i < whole * whole; i++) if (!coins.bernoulliExp(1, 2)) return false;
  for (let i = 0; i < whole; i++) if (!coins.bernoulliExp(u, m)) return false;
  return coins.bernoulliGauss(u, m);
}

/** Where noise comes from: the same source always gives the same. */
export interface NoiseSource {
  readonly deviation: Deviation;
  /**
   * The bytes of a block, from its start at each call: `(block) => seededBytes(seed, 'noise', round, block)`, the
   * seed stored before the first draw. After a crash the noise is then drawn again, not anew.
   */
  readonly bytesOf: (block: number) => RandomSource;
}

/**
 * Adds independent draws to a vector of integers, in place. Coordinate j takes its draw from its block of 65,536,
 * so threads may share a vector out by whole blocks.
 *
 * @param values  integers within ±2^52
 * @param firstBlock  block of `values[0]` in the whole vector
 */
export function addDiscreteGaussian(values: Float64Array, source: NoiseSource, firstBlock = 0): void {
  for (let start = 0; start < values.length; start += NOISE_BLOCK) {
    const coins = new RandomCoins(source.bytesOf(firstBlock + start / NOISE_BLOCK));
    const end = Math.min(start + NOISE_BLOCK, values.length);
    for (let j = start; j < end; j++) values[j]! += discreteGaussian(coins, source.deviation);
  }
}
