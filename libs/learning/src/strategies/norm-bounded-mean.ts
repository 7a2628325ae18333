import { LearningError } from '../errors.js';
import type { SliceAggregator } from './aggregator.js';
import { weightedSum } from './cohort.js';

/**
 * The weighted mean of the deltas, each shortened to the bound: δ·min(1, B/‖δ‖₂). A zero delta stays zero.
 *
 * @param bound  B > 0, real units
 * @see Sun et al. 2019, https://arxiv.org/abs/1911.07963
 */
export function normBoundedMean(bound: number): SliceAggregator {
  if (!(bound > 0 && bound < Infinity)) throw new LearningError('bad_strategy', `a bound of ${bound}`);
  return {
    reads: 'slices',
    profiles: 'norms',
    weigh: ({ weights, squaredNorms }) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return weights.map((weight, i) => (weight / total) * clipFactor(squaredNorms[i]!, bound));
    },
    combine: weightedSum,
  };
}

/** min(1, bound/‖δ‖₂), and 1 for zeros. */
export const clipFactor = (squaredNorm: number, bound: number): number =>
  squaredNorm === 0 ? 1 : Math.min(1, bound / Math.sqrt(squaredNorm));
