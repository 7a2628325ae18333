import { LearningError } from '../errors.js';
import { RandomCoins } from './coins.js';
import { discreteGaussian, toDeviation } from './discrete-gaussian.js';
import type { RandomSource } from './seeded-bytes.js';

export interface AdaptiveClipping {
  /** γ in [0, 1]: the share of updates that should not have to be clipped */
  readonly targetUnclipped: number;
  /** η_C > 0 */
  readonly learningRate: number;
}

/**
 * The clip of the next round: C·exp(−η_C·(b − γ)), b the share of updates whose norm was within C. More within
 * than wanted makes it smaller. (Flower 1.28 puts the clipped share there with the same sign: its norm runs away.)
 *
 * @param unclipped  b, with noise of its own where that is wanted: may lie outside of [0, 1]
 * @see Andrew et al. 2021, https://arxiv.org/abs/1905.03871
 */
export function nextClip(clip: number, unclipped: number, { targetUnclipped, learningRate }: AdaptiveClipping): number {
  if (!(clip > 0 && Number.isFinite(unclipped) && learningRate > 0 && targetUnclipped >= 0 && targetUnclipped <= 1)) {
    throw new LearningError('bad_strategy', `a clip of ${clip} cannot adapt to ${targetUnclipped}`);
  }
  return clip * Math.exp(-learningRate * (unclipped - targetUnclipped));
}

/**
 * σ of the sum's noise where σ_b goes to the count of clipped updates: (z⁻² − (2σ_b)⁻²)^(−1/2). Together they cost
 * as much privacy as z alone.
 *
 * @throws LearningError `bad_strategy` where the count alone would cost that much: z ≥ 2σ_b
 */
export function multiplierBesideCount(noiseMultiplier: number, countDeviation: number): number {
  if (noiseMultiplier === 0) return 0;
  if (!(noiseMultiplier > 0 && noiseMultiplier < 2 * countDeviation)) {
    throw new LearningError('bad_strategy', `noise of ${countDeviation} on the count is too little`);
  }
  return (noiseMultiplier ** -2 - (2 * countDeviation) ** -2) ** -0.5;
}

/** What a task with adaptive clipping says of it. */
export interface ClippingRule extends AdaptiveClipping {
  /** σ_b */
  readonly countNoise: number;
  readonly minClip: number;
  readonly maxClip: number;
}

/** σ of the sum's noise in a task whose releases cost `noiseMultiplier`: the count, where there is one, takes a part. */
export function sumMultiplier(noiseMultiplier: number, clipping: Pick<ClippingRule, 'countNoise'> | undefined): number {
  if (clipping === undefined) return noiseMultiplier;
  // Where the count takes next to nothing, two roots may round to less than σ.
  return Math.max(noiseMultiplier, multiplierBesideCount(noiseMultiplier, clipping.countNoise));
}

/** A round's updates, and how many of them say that they were within its clip C. */
export interface CountedBits {
  readonly clip: number;
  readonly within: number;
  readonly updates: number;
}

/**
 * The share of updates within the clip, with noise, and the clip that follows from it in whole millionths.
 *
 * Each bit counts +1 or −1, and an update that is not there 0: one device changes an integer by 1, and that gets
 * N_ℤ(0, (2σ_b)²). The noise on the number of bits is σ_b, as large as 2σ_b over what a device changes. Counting 0 or 1
 * instead would have neighbours half an integer apart, which noise on integers does not hide.
 *
 * @param random  bytes of their own, from the round's stored seed
 */
export function adaptClip(
  { clip, within, updates }: CountedBits,
  rule: ClippingRule,
  random: RandomSource,
): { readonly unclipped: number; readonly nextClip: number } {
  if (!(updates >= 1 && within >= 0 && within <= updates)) {
    throw new LearningError('bad_strategy', `${within} of ${updates} updates within the clip`);
  }
  const noise = discreteGaussian(new RandomCoins(random), toDeviation(2 * rule.countNoise));
  const unclipped = (2 * within + noise) / (2 * updates);
  const next = Math.min(rule.maxClip, Math.max(rule.minClip, nextClip(clip, unclipped, rule)));
  return { unclipped, nextClip: Math.round(next * 1e6) / 1e6 };
}

/** σ of each coordinate of a mean over `count` clipped updates: z·C/count. */
export const meanDeviation = (noiseMultiplier: number, clip: number, count: number): number =>
  (noiseMultiplier * clip) / count;

/** σ that gives one device's own update (ε, δ) by the classical bound, for ε < 1: Δ·√(2·ln(1.25/δ))/ε. */
export const localDeviation = (sensitivity: number, epsilon: number, delta: number): number =>
  (sensitivity * Math.sqrt(2 * Math.log(1.25 / delta))) / epsilon;
