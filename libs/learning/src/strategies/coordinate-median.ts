import type { SliceAggregator } from './aggregator.js';
import { byCoordinate } from './by-coordinate.js';

/**
 * The median of each coordinate by itself; of an even number, the mean of the two in the middle. Weights do not
 * count: who names his weight would name his influence.
 *
 * @see Yin et al. 2018, https://arxiv.org/abs/1803.01498
 */
export const coordinateMedian: SliceAggregator = {
  reads: 'slices',
  ranks: 'median',
  comparesCoordinates: true,
  combine: (cohort) => byCoordinate(cohort, medianOfSorted),
};

export function medianOfSorted(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
