import { LearningError } from './errors.js';
import { maxCoordinate, maxNorm, type Grid } from './grid.js';
import { decodeInt32LE } from './int32-bytes.js';

/** What a chunk of integers adds to the judgement. */
export interface Size {
  /** largest |q| */
  readonly largest: number;
  /** Σ q², exact up to 2^53 and above 2^53 beyond, if `largest` is at most 2^26; worth nothing otherwise */
  readonly squares: number;
}

/** @param bytes  little-endian int32s, at any offset @throws LearningError `wrong_length` when they are not whole */
export type Measure = (bytes: Uint8Array) => Size;

export const measureInt32LE: Measure = (bytes) => {
  const q = decodeInt32LE(bytes);
  let largest = 0;
  let squares = 0;
  for (let j = 0; j < q.length; j++) {
    const size = Math.abs(q[j]!);
    if (size > largest) largest = size;
    squares += size * size;
  }
  return { largest, squares };
};

/** Judges an update while its bytes arrive. */
export interface UpdateCheck {
  push(chunk: Uint8Array): void;
  /** @throws LearningError for what is wrong with the whole; the worst comes first */
  finish(): void;
}

/** Numbers of another width than int32, and so of another bound. */
export interface NumbersOf {
  /** bytes a number */
  readonly width: number;
  /** of an honest update */
  readonly maxNorm: number;
}

/**
 * Judges an update while its bytes arrive: length, range of each integer, L2 norm of the whole.
 * Needs no memory but a few counters.
 *
 * The verdict on the norm is exact. In-range squares are at most 2^52 and the bound ⌊maxNorm²⌋ stays below 2^53,
 * up to which a float64 counts every unit; a sum that has passed 2^53 can only grow, so it stays above the bound.
 */
export class GridCheck implements UpdateCheck {
  readonly #width: number;
  readonly #length: number;
  readonly #maxCoordinate: number;
  readonly #maxSquares: number;
  readonly #measure: Measure;
  #bytes = 0;
  #broken = false;
  #outOfRange = false;
  #squares = 0;

  /**
   * @param measure  another way to the same numbers
   * @param numbers  what `measure` reads; int32 when left out
   * @throws LearningError `bad_grid`
   */
  constructor(
    grid: Grid,
    dimension: number,
    measure: Measure = measureInt32LE,
    numbers: NumbersOf = { width: 4, maxNorm: maxNorm(grid, dimension) },
  ) {
    this.#measure = measure;
    this.#width = numbers.width;
    this.#length = numbers.width * dimension;
    this.#maxCoordinate = maxCoordinate(grid);
    this.#maxSquares = Math.floor(numbers.maxNorm ** 2);
  }

  /** Takes the next integers; a chunk that is not whole ones makes the length wrong. */
  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (chunk.length % this.#width !== 0) this.#broken = true;
    if (this.#broken || this.#outOfRange || this.#bytes > this.#length) return;
    const { largest, squares } = this.#measure(chunk);
    this.#squares += squares;
    if (largest > this.#maxCoordinate) this.#outOfRange = true;
  }

  /** @throws LearningError `wrong_length`, `out_of_range`, `norm_exceeded`, in this order */
  finish(): void {
    if (this.#broken || this.#bytes !== this.#length) {
      throw new LearningError('wrong_length', `expected ${this.#length} bytes, got ${this.#bytes}`);
    }
    if (this.#outOfRange) {
      throw new LearningError('out_of_range', `a coordinate lies outside ±${this.#maxCoordinate}`);
    }
    if (this.#squares > this.#maxSquares) throw new LearningError('norm_exceeded', 'the norm is above the bound');
  }
}
