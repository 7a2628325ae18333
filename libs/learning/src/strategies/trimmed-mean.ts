import { LearningError } from '../errors.js';
import type { SliceAggregator } from './aggregator.js';
import { byCoordinate } from './by-coordinate.js';

/**
 * The mean of each coordinate by itself without its ⌊β·n⌋ least and ⌊β·n⌋ greatest values. Weights do not count.
 *
 * @param beta  share cut from each end, in [0, 1/2): at least f/n against f attackers
 * @throws LearningError `bad_strategy` where nothing would be left
 * @see Yin et al. 2018, https://arxiv.org/abs/1803.01498
 */
export function trimmedMean(beta: number): SliceAggregator {
  if (!(beta >= 0 && beta < 1)) throw new LearningError('bad_strategy', `a share of ${beta} cannot be cut off`);
  const cutOf = (members: number): number => {
    const cut = Math.floor(beta * members);
    if (members === 0 || 2 * cut < members) return cut;
    throw new LearningError('bad_strategy', `cutting ${cut} of ${members} from each end leaves nothing`);
  };
  return {
    reads: 'slices',
    ranks: { cut: cutOf },
    comparesCoordinates: true,
    combine: (cohort) => {
      const cut = cutOf(cohort.length);
      return byCoordinate(cohort, (sorted) => meanBetween(sorted, cut, sorted.length - cut));
    },
  };
}

function meanBetween(sorted: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += sorted[i]!;
  return sum / (to - from);
}
