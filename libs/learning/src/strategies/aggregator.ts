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
export type Aggregator = SumAggregator | SliceAggregator;

export interface SumAggregator {
  readonly reads: 'sum';
  /**
   * What a member weighs that counts whole. With it the sum is divided by that times the number of members, so that
   * who weighs less pulls the aggregate towards zero; without it by Σ w, the weighted mean.
   */
  readonly fullWeight?: number;
}

/** What the sum of a cohort's weighted updates is divided by: a public number. */
export const divisorOf = (
  { fullWeight }: SumAggregator,
  { count, totalWeight }: { readonly count: number; readonly totalWeight: number },
): number => (fullWeight === undefined ? totalWeight : fullWeight * count);

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

/**
 * The aggregate of a cohort that is in memory, in real units.
 *
 * @param scale  the deltas' units to a real one: that of the grid for its integers; 1 when left out
 */
export function aggregateInMemory(aggregator: SliceAggregator, cohort: Cohort, scale = 1): Float64Array {
  const { profiles, weigh, combine } = aggregator;
  const inRealUnits = (values: Float64Array, unit: number): Float64Array => values.map((value) => value / unit);
  if (weigh === undefined) return inRealUnits(combine(cohort), scale);
  const weights = weigh({
    weights: cohort.map(({ weight }) => weight),
    squaredNorms: inRealUnits(squaredNorms(cohort), scale ** 2),
    distances: profiles === 'distances' ? inRealUnits(squaredDistances(cohort), scale ** 2) : new Float64Array(),
  });
  return inRealUnits(combine(weighed(cohort, weights)), scale);
}

/** Those that count, by what they count. */
export const weighed = (cohort: Cohort, weights: readonly number[]): Cohort =>
  cohort.flatMap(({ delta }, i) => (weights[i] === 0 ? [] : [{ delta, weight: weights[i]! }]));
