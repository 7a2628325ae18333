import { LearningError } from '../errors.js';
import { checkCohort, type Aggregation } from './cohort.js';

/**
 * The weighted mean of the deltas, each shortened to the bound: δ·min(1, B/‖δ‖₂). A zero delta stays zero.
 *
 * @param bound  B > 0, in the cohort's units
 * @see Sun et al. 2019, https://arxiv.org/abs/1911.07963
 */
export function normBoundedMean(bound: number): Aggregation {
  if (!(bound > 0 && bound < Infinity)) throw new LearningError('bad_strategy', `a bound of ${bound}`);
  return (cohort) => {
    const mean = new Float64Array(checkCohort(cohort));
    const total = cohort.reduce((sum, { weight }) => sum + weight, 0);
    for (const { delta, weight } of cohort) {
      const share = (weight / total) * clipFactor(delta, bound);
      for (let j = 0; j < mean.length; j++) mean[j]! += share * delta[j]!;
    }
    return mean;
  };
}

/** min(1, bound/‖delta‖₂), and 1 for zeros. */
export function clipFactor(delta: Float64Array | Int32Array, bound: number): number {
  let squares = 0;
  for (let j = 0; j < delta.length; j++) squares += delta[j]! * delta[j]!;
  return squares === 0 ? 1 : Math.min(1, bound / Math.sqrt(squares));
}
