import { LearningError } from '../errors.js';
import type { CohortProfile, SliceAggregator } from './aggregator.js';
import { weightedSum } from './cohort.js';

/** Each takes n² work, and long before there is nothing left to gain. */
const MOST_STEPS = 10_000;

export interface GeometricMedianOptions {
  /** Weiszfeld steps; default 8 */
  readonly steps?: number;
  /** ν > 0: nobody is nearer to the median than this; default 1e-6 */
  readonly smoothing?: number;
}

/**
 * The point with the least weighted sum of distances to all deltas, by smoothed Weiszfeld steps from the mean.
 *
 * Every step's point is Σ αᵢ·δᵢ with Σ αᵢ = 1, so its distances follow from those between the deltas:
 * ‖δᵢ − Σ α·δ‖² = Σₖ αₖ·Dᵢₖ − ½ Σₖₗ αₖ·αₗ·Dₖₗ. The deltas are read once for D and once for the last sum.
 *
 * @see Pillutla et al. 2022 (RFA), Algorithm 2, https://arxiv.org/abs/1912.13445
 */
export function geometricMedian({ steps = 8, smoothing = 1e-6 }: GeometricMedianOptions = {}): SliceAggregator {
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > MOST_STEPS || !(smoothing > 0)) {
    throw new LearningError('bad_strategy', `${steps} steps with smoothing ${smoothing}`);
  }
  const weigh = ({ weights, distances }: CohortProfile): number[] => {
    let shares = normalized(weights);
    for (let step = 0; step < steps; step++) {
      const toPoint = distancesToPoint(distances, shares);
      shares = normalized(weights.map((weight, i) => weight / Math.max(smoothing, toPoint[i]!)));
    }
    return shares;
  };
  return { reads: 'slices', profiles: 'distances', weigh, combine: weightedSum };
}

function distancesToPoint(distances: Float64Array, shares: readonly number[]): number[] {
  const n = shares.length;
  const toOthers = shares.map((_, i) => shares.reduce((sum, share, k) => sum + share * distances[i * n + k]!, 0));
  const spread = shares.reduce((sum, share, i) => sum + share * toOthers[i]!, 0) / 2;
  return toOthers.map((squared) => Math.sqrt(Math.max(0, squared - spread)));
}

function normalized(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
