import { LearningError } from '../errors.js';
import type { SliceAggregator } from './aggregator.js';
import { byCoordinate } from './by-coordinate.js';
import { medianOfSorted } from './coordinate-median.js';
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
export function bulyan({ malicious }: { readonly malicious: number }): SliceAggregator {
  if (!Number.isSafeInteger(malicious) || malicious < 0) {
    throw new LearningError('bad_strategy', `${malicious} malicious members`);
  }
  return {
    reads: 'slices',
    profiles: 'distances',
    comparesCoordinates: true,
    least: 4 * malicious + 3,
    weigh: ({ weights: { length: n }, distances }) => {
      if (n < 4 * malicious + 3) {
        throw new LearningError('cohort_too_small', `${n} updates; against ${malicious} it takes ${4 * malicious + 3}`);
      }
      const selected = new Set(selectByKrum(distances, n, { malicious, selected: n - 2 * malicious }));
      return Array.from({ length: n }, (_, i) => (selected.has(i) ? 1 : 0));
    },
    combine: (selected) => byCoordinate(selected, (sorted) => meanNearMedian(sorted, sorted.length - 2 * malicious)),
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
