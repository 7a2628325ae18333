import { LearningError } from '../errors.js';

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

/** σ of each coordinate of a mean over `count` clipped updates: z·C/count. */
export const meanDeviation = (noiseMultiplier: number, clip: number, count: number): number =>
  (noiseMultiplier * clip) / count;

/** σ that gives one device's own update (ε, δ) by the classical bound, for ε < 1: Δ·√(2·ln(1.25/δ))/ε. */
export const localDeviation = (sensitivity: number, epsilon: number, delta: number): number =>
  (sensitivity * Math.sqrt(2 * Math.log(1.25 / delta))) / epsilon;
