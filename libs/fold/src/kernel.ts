import type { Measure } from '#learning';

/** The same coordinates of every update of a cohort, an array an update, all of one length. */
export type Slice = readonly Int32Array[];

/** What bounds a sum: the update's weights, as the rows of a slice, and the largest |q| of the grid. */
export interface SumBounds {
  /** positive integers; `checkWeights` of #learning sees to it that no sum can pass 2^53 */
  readonly weights: readonly number[];
  readonly maxCoordinate: number;
}

/**
 * Everything that touches each coordinate of each update of a round, slice by slice, so that a cohort is never in
 * memory whole. All kernels give the same bytes: which of them computes is a matter of speed alone.
 *
 * A kernel is not to be shared between threads. Slices and chunks may be of any size; they are only read.
 */
export interface FoldKernel {
  readonly name: 'wasm' | 'plain';

  /**
   * Σ w·q of each coordinate.
   *
   * @param into  8 bytes a coordinate: int64, little-endian; worth nothing after a refusal
   * @throws LearningError `dimension_mismatch`, `out_of_range`
   */
  sum(slice: Slice, bounds: SumBounds, into: Uint8Array): void;

  /**
   * The median of each coordinate; of an even number, the mean of the two in the middle.
   *
   * @returns float64, equal to `coordinateMedian` of #learning
   * @throws LearningError `empty_cohort`, `dimension_mismatch`
   */
  median(slice: Slice): Float64Array;

  /**
   * The mean of each coordinate without its `cut` least and its `cut` greatest values.
   *
   * @param cut  as ⌊β·n⌋
   * @returns float64, equal to `trimmedMean` of #learning
   * @throws LearningError `empty_cohort`, `dimension_mismatch`; `bad_strategy` where nothing would be left
   */
  trimmedMean(slice: Slice, cut: number): Float64Array;

  /** What #learning's `GridCheck` asks of an arriving update. */
  readonly measure: Measure;
}
