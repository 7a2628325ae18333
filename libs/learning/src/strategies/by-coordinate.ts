import { checkCohort, type Cohort } from './cohort.js';

/**
 * An aggregate whose coordinate j depends on all deltas' coordinate j alone. So a slice of the deltas gives that
 * slice of the aggregate, and a cohort never has to be in memory whole.
 *
 * @param rule  n values in ascending order → one; the array is used again
 */
export function byCoordinate(cohort: Cohort, rule: (sorted: Float64Array) => number): Float64Array {
  const aggregate = new Float64Array(checkCohort(cohort));
  const values = new Float64Array(cohort.length);
  for (let j = 0; j < aggregate.length; j++) {
    for (let i = 0; i < values.length; i++) values[i] = cohort[i]!.delta[j]!;
    aggregate[j] = rule(values.sort());
  }
  return aggregate;
}
