import { LearningError } from '../errors.js';
import { byCoordinate } from './by-coordinate.js';
import type { Aggregation } from './cohort.js';
import { medianOfSorted } from './coordinate-median.js';
import { squaredDistances } from './distances.js';
import { selectByKrum } from './krum.js';

/**
 * Multi-Krum selects θ = n − 2f members; of each coordinate then the mean of the θ − 2f values that are nearest to
 * the median counts. Where two are equally near, the lesser one counts.
 *
 * The θ come from one selection. The paper selects one at a time and takes it out; Flower does as we do.
 *
 * @param malicious  f
 * @throws LearningError `cohort_too_small` for fewer than 4f + 3 members, `bad_strategy`
 * @see El Mhamdi et al. 2018, https://arxiv.org/abs/1802.07927
 */
export function bulyan({ malicious }: { readonly malicious: number }): Aggregation {
  if (!Number.isSafeInteger(malicious) || malicious < 0) {
    throw new LearningError('bad_strategy', `${malicious} malicious members`);
  }
  return (cohort) => {
    const n = cohort.length;
    if (n < 4 * malicious + 3) {
      throw new LearningError('cohort_too_small', `${n} updates; against ${malicious} it takes ${4 * malicious + 3}`);
    }
    const theta = n - 2 * malicious;
    const selected = selectByKrum(squaredDistances(cohort), n, { malicious, selected: theta });
    return byCoordinate(
      selected.map((i) => cohort[i]!),
      (sorted) => meanNearMedian(sorted, theta - 2 * malicious),
    );
  };
}

/** The values nearest to the median lie side by side: of all such runs, the one whose far end is nearest. */
function meanNearMedian(sorted: Float64Array, count: number): number {
  const median = medianOfSorted(sorted);
  let from = 0;
  while (from + count < sorted.length && sorted[from + count]! - median < median - sorted[from]!) from++;
  let sum = 0;
  for (let i = from; i < from + count; i++) sum += sorted[i]!;
  return sum / count;
}
