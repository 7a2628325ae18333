import { LearningError } from './errors.js';
import { maxCoordinate, maxNorm, type Grid } from './grid.js';
import { decodeInt32LE } from './int32-bytes.js';

/**
 * Judges an update while its bytes arrive: length, range of each integer, L2 norm of the whole.
 * Needs no memory but a few counters.
 *
 * Σq² is counted exactly: in-range squares are at most 2^52, a float64 takes as many of them as
 * stay within 2^53, then they move to a BigInt. The bound is ⌊maxNorm²⌋ with maxNorm² in float64, so the only
 * looseness is its rounding, 2^-51 of itself: far below the half step that √d/2 allows.
 */
export class GridCheck {
  readonly #dimension: number;
  readonly #maxCoordinate: number;
  readonly #maxSquares: bigint;
  readonly #blockLength: number;
  #bytes = 0;
  #broken = false;
  #outOfRange = false;
  #squares = 0n;

  /** @throws LearningError `bad_grid` */
  constructor(grid: Grid, dimension: number) {
    this.#dimension = dimension;
    this.#maxCoordinate = maxCoordinate(grid);
    this.#maxSquares = BigInt(Math.floor(maxNorm(grid, dimension) ** 2));
    this.#blockLength = Math.floor(2 ** 53 / this.#maxCoordinate ** 2);
  }

  /** Takes the next little-endian int32s; a chunk that is not whole integers makes the length wrong. */
  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (chunk.length % 4 !== 0) this.#broken = true;
    if (this.#broken || this.#outOfRange || this.#bytes > 4 * this.#dimension) return;
    const q = decodeInt32LE(chunk);
    for (let start = 0; start < q.length; start += this.#blockLength) {
      this.#addBlock(q.subarray(start, start + this.#blockLength));
    }
  }

  /** @throws LearningError `wrong_length`, `out_of_range`, `norm_exceeded`, in this order */
  finish(): void {
    if (this.#broken || this.#bytes !== 4 * this.#dimension) {
      throw new LearningError('wrong_length', `expected ${4 * this.#dimension} bytes, got ${this.#bytes}`);
    }
    if (this.#outOfRange) {
      throw new LearningError('out_of_range', `a coordinate lies outside ±${this.#maxCoordinate}`);
    }
    if (this.#squares > this.#maxSquares) throw new LearningError('norm_exceeded', 'the norm is above the bound');
  }

  #addBlock(q: Int32Array): void {
    const limit = this.#maxCoordinate;
    let squares = 0;
    let largest = 0;
    for (let j = 0; j < q.length; j++) {
      const value = q[j]!;
      const size = value < 0 ? -value : value;
      if (size > largest) largest = size;
      squares += value * value;
    }
    if (largest > limit) this.#outOfRange = true;
    else this.#squares += BigInt(squares);
  }
}
