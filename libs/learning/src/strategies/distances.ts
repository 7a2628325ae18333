import { checkCohort, type Cohort } from './cohort.js';

/**
 * ‖δᵢ − δⱼ‖² of every two members: n × n, row by row. Taken by subtracting: ‖a‖² + ‖b‖² − 2a·b loses all digits
 * where deltas are near each other, and can be negative.
 *
 * Slices of a cohort add up: their sums, in the order of the slices, are the whole's.
 *
 * @param sum  adds to it instead of starting anew
 */
export function squaredDistances(cohort: Cohort, sum?: Float64Array): Float64Array {
  const n = cohort.length;
  const distances = sum ?? new Float64Array(n * n);
  const dimension = checkCohort(cohort);
  for (let i = 0; i < n; i++) {
    for (let k = i + 1; k < n; k++) {
      const [a, b] = [cohort[i]!.delta, cohort[k]!.delta];
      let squares = 0;
      for (let j = 0; j < dimension; j++) squares += (a[j]! - b[j]!) ** 2;
      distances[i * n + k]! += squares;
      distances[k * n + i]! += squares;
    }
  }
  return distances;
}

/**
 * ‖δᵢ‖² of every member, length n; slices add up as above.
 *
 * @param sum  adds to it instead of starting anew
 */
export function squaredNorms(cohort: Cohort, sum?: Float64Array): Float64Array {
  const norms = sum ?? new Float64Array(cohort.length);
  checkCohort(cohort);
  for (const [i, { delta }] of cohort.entries()) {
    let squares = 0;
    for (let j = 0; j < delta.length; j++) squares += delta[j]! * delta[j]!;
    norms[i]! += squares;
  }
  return norms;
}
