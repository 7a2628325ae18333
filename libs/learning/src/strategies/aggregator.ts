import { type Aggregation, type Cohort } from './cohort.js';
import { squaredDistances, squaredNorms } from './distances.js';

/** What is known of a cohort as a whole before its members are weighed; n of them, in the order of the list. */
export interface CohortProfile {
  readonly weights: readonly number[];
  /** ‖δᵢ‖², length n, real units */
  readonly squaredNorms: Float64Array;
  /** ‖δᵢ − δₖ‖², n × n, real units; of length 0 for who did not ask for it */
  readonly distances: Float64Array;
}

/**
 * How a cohort becomes an aggregate delta.
 *
 * `sum`: the weighted mean, as an exact sum: updates stream by, in any order and any number of shards.
 * `slices`: all updates are read side by side, a slice of coordinates at a time, so that memory is bounded; twice
 * where the members are weighed first by what the whole of each is like.
 */
export type Aggregator = { readonly reads: 'sum' } | SliceAggregator;

export interface SliceAggregator {
  readonly reads: 'slices';
  /** what must be known of the whole; nothing when left out */
  readonly profiles?: 'norms' | 'distances';
  /** what each member counts, n of them; with 0 it is not combined. Its own weight where this is left out. */
  readonly weigh?: (profile: CohortProfile) => readonly number[];
  /** fewest members that it takes; 1 when left out */
  readonly least?: number;
  /**
   * Says that `combine` is the median of each coordinate, or its mean without so many of the least and the greatest:
   * on integers there are faster ways to the very same numbers.
   */
  readonly ranks?: 'median' | { readonly cut: (members: number) => number };
  /**
   * It compares the values of one coordinate with each other, so that zeros which say "not sent" outvote the rest:
   * not for sparse updates.
   */
  readonly comparesCoordinates?: true;
  /** coordinate j of the result depends on coordinate j of the deltas alone */
  readonly combine: Aggregation;
}

/** The aggregate of a cohort that is in memory, in its own units; they are real units to those who weigh. */
export function aggregateInMemory(aggregator: SliceAggregator, cohort: Cohort): Float64Array {
  const { profiles, weigh, combine } = aggregator;
  if (weigh === undefined) return combine(cohort);
  const weights = weigh({
    weights: cohort.map(({ weight }) => weight),
    squaredNorms: squaredNorms(cohort),
    distances: profiles === 'distances' ? squaredDistances(cohort) : new Float64Array(),
  });
  return combine(weighed(cohort, weights));
}

/** Those that count, by what they count. */
export const weighed = (cohort: Cohort, weights: readonly number[]): Cohort =>
  cohort.flatMap(({ delta }, i) => (weights[i] === 0 ? [] : [{ delta, weight: weights[i]! }]));
