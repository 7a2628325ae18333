import { LearningError } from '../errors.js';

/** One accepted update, as a strategy sees it. Whose it is, nobody knows. */
export interface Contribution {
  /** wᵢ − x, length d: in real units, or integers of one grid for the whole cohort; not modified */
  readonly delta: Float64Array | Int32Array;
  /** positive */
  readonly weight: number;
}

/** The frozen list of a round in its own order, which arrival has no part in. */
export type Cohort<Member extends Contribution = Contribution> = readonly Member[];

/** Cohort → aggregate delta, float64, length d, in the cohort's units. */
export type Aggregation = (cohort: Cohort) => Float64Array;

/**
 * @returns d
 * @throws LearningError `empty_cohort`, `dimension_mismatch`, `bad_weight`, `not_finite`
 */
export function checkCohort(cohort: Cohort): number {
  const [first] = cohort;
  if (first === undefined) throw new LearningError('empty_cohort', 'no updates to aggregate');
  const dimension = first.delta.length;
  for (const { delta, weight } of cohort) {
    if (delta.length !== dimension) {
      throw new LearningError('dimension_mismatch', `updates of ${dimension} and of ${delta.length} coordinates`);
    }
    if (!(weight > 0 && weight < Infinity)) throw new LearningError('bad_weight', `a weight of ${weight}`);
    // Integers are finite. One NaN would poison every mean, and pass every clip: C / NaN is NaN.
    if (delta instanceof Float64Array && !delta.every(Number.isFinite))
      throw new LearningError('not_finite', 'an update holds a number that is not finite');
  }
  return dimension;
}

/** Σ wᵢ·δᵢ / Σ wᵢ. The shares are taken first, so that no weight makes the sum overflow. */
export const weightedMean: Aggregation = (cohort) => {
  const total = cohort.reduce((sum, { weight }) => sum + weight, 0);
  return weightedSum(cohort.map(({ delta, weight }) => ({ delta, weight: weight / total })));
};

/** Σ wᵢ·δᵢ, in the order of the list. */
export const weightedSum: Aggregation = (cohort) => {
  const sum = new Float64Array(checkCohort(cohort));
  for (const { delta, weight } of cohort) {
    for (let j = 0; j < sum.length; j++) sum[j]! += weight * delta[j]!;
  }
  return sum;
};
