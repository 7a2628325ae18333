import type { Measure, UpdateCheck } from '../grid-check.js';
import type { Grid } from '../grid.js';
import type { RandomSource } from '../privacy/seeded-bytes.js';
import type { EntryReader } from './entries.js';

/** An encoding of updates of one length. All its payloads have one size, and no field that is free. */
export type Encoding = DenseEncoding | SparseEncoding;

/** What training made of a model, as long. */
export interface Change {
  readonly after: Float32Array;
  readonly before: Float32Array;
  /** `before` is needed no more: the payload may take its memory. Default false */
  readonly isSpare?: boolean;
}

interface AnyEncoding {
  /** bytes of every payload */
  readonly payloadLength: number;

  /**
   * The longest that an honest update can be on the grid: intake lets no longer one pass, and noise hides as much.
   *
   * @throws LearningError `bad_grid`, also where the grid has larger numbers than the encoding
   */
  maxNorm(grid: Grid): number;

  /** L2 norm of what of a delta is clipped: of all that travels. */
  norm(delta: Float32Array | Float64Array): number;

  /**
   * Clips a delta, rounds it to the grid and writes it down.
   *
   * @param delta  local minus global parameters, length d; not modified
   * @param random  a cryptographic generator, where rounding draws lots
   * @returns a payload that the check accepts; on some machines a view of memory that only it refers to
   * @throws LearningError `not_finite`, `bad_grid`
   */
  encode(delta: Float32Array | Float64Array, grid: Grid, random: RandomSource): Uint8Array;

  /**
   * `encode` of a change: on a device the delta alone is twice the model in float64, so where all of it travels it is never
   * in memory.
   *
   * @throws LearningError as `encode`; `dimension_mismatch`
   */
  encodeChange(change: Change, grid: Grid, random: RandomSource): Uint8Array;

  /** `norm` of `after` − `before`. @throws LearningError `dimension_mismatch` */
  normOfChange(after: Float32Array, before: Float32Array): number;

  /** @param measure  another way to the same numbers @throws LearningError `bad_grid` */
  check(grid: Grid, measure?: Measure): UpdateCheck;

  /** A whole payload as the d integers that it stands for. @throws LearningError `wrong_length`, `out_of_order` */
  decode(payload: Uint8Array): Int32Array;
}

/** Every coordinate in its order. */
export interface DenseEncoding extends AnyEncoding {
  readonly kind: 'dense';
  /** bytes a coordinate */
  readonly width: number;
  /**
   * A part of a payload, whole coordinates at any offset, as integers.
   *
   * @param into  at least as many; what is returned is a view of it, or of `bytes`
   */
  widen(bytes: Uint8Array, into: Int32Array): Int32Array;
}

/** Some coordinates with their indices, strictly increasing: the others are zero. */
export interface SparseEncoding extends AnyEncoding {
  readonly kind: 'sparse';
  entries(): EntryReader;
}
