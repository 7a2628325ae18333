import { LearningError } from '../errors.js';
import type { Measure, UpdateCheck } from '../grid-check.js';
import { maxCoordinate, type Grid } from '../grid.js';
import { encodeInt32LE } from '../int32-bytes.js';
import { EntryReader } from './entries.js';

interface TopKBounds {
  readonly payloadLength: number;
  readonly dimension: number;
  readonly maxNorm: number;
  readonly measure: Measure;
}

/** Judges a sparse update while its bytes arrive, as `GridCheck` does a dense one, and first the order of its indices. */
export class TopKCheck implements UpdateCheck {
  readonly #reader: EntryReader;
  readonly #maxCoordinate: number;
  readonly #maxSquares: number;
  #bytes = 0;
  #largest = 0;
  #squares = 0;

  constructor(
    grid: Grid,
    private readonly bounds: TopKBounds,
  ) {
    this.#reader = new EntryReader(bounds.dimension);
    this.#maxCoordinate = maxCoordinate(grid);
    this.#maxSquares = Math.floor(bounds.maxNorm ** 2);
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.bounds.payloadLength) return;
    const { largest, squares } = this.bounds.measure(encodeInt32LE(this.#reader.read(chunk).values));
    this.#largest = Math.max(this.#largest, largest);
    this.#squares += squares;
  }

  /** @throws LearningError `wrong_length`, `out_of_order`, `out_of_range`, `norm_exceeded`, in this order */
  finish(): void {
    const { payloadLength } = this.bounds;
    if (this.#bytes !== payloadLength) {
      throw new LearningError('wrong_length', `expected ${payloadLength} bytes, got ${this.#bytes}`);
    }
    if (!this.#reader.isOrdered) throw new LearningError('out_of_order', 'indices that do not ascend');
    if (this.#largest > this.#maxCoordinate) {
      throw new LearningError('out_of_range', `a coordinate lies outside ±${this.#maxCoordinate}`);
    }
    if (this.#squares > this.#maxSquares) throw new LearningError('norm_exceeded', 'the norm is above the bound');
  }
}
