import { LearningError } from '../errors.js';
import { checkGrid, type Grid } from '../grid.js';

/**
 * Federated averaging: the weighted mean of the cohort's deltas, back in real units.
 *
 *   aggregate[j] = Σᵢ wᵢ·qᵢ[j] / (s · Σᵢ wᵢ)
 *
 * The sum is exact; this one division in float64 is where floats return.
 *
 * @param sum  Σ w·q, exact integers, length d; not modified
 * @param totalWeight  Σ w, a positive integer; what `divisorOf` says where a strategy divides by something else
 * @returns the aggregate delta, float64, length d
 * @throws LearningError `empty_cohort` when totalWeight is 0, `bad_weight`, `bad_grid`
 * @see McMahan et al. 2017, Algorithm 1, https://arxiv.org/abs/1602.05629
 */
export function fedAvg(sum: Float64Array, totalWeight: number, grid: Grid): Float64Array {
  checkGrid(grid);
  if (totalWeight === 0) throw new LearningError('empty_cohort', 'no updates to aggregate');
  if (!Number.isSafeInteger(totalWeight) || totalWeight < 0) {
    throw new LearningError('bad_weight', `total weight must be a positive integer, got ${totalWeight}`);
  }
  const unit = grid.scale * totalWeight;
  // A plain loop: with a function for each number it takes four times as long.
  const aggregate = new Float64Array(sum.length);
  for (let j = 0; j < sum.length; j++) aggregate[j] = sum[j]! / unit;
  return aggregate;
}
