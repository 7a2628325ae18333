import type { HonestUpdates } from './attacks/index.js';

/** Mean and deviation of integers as they come: sums of integers are exact, so their order does not show. */
export class Moments {
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  #count = 0;

  constructor(dimension: number) {
    this.#sums = new Float64Array(dimension);
    this.#squares = new Float64Array(dimension);
  }

  add(q: Int32Array): void {
    this.#count += 1;
    for (let j = 0; j < q.length; j++) {
      this.#sums[j]! += q[j]!;
      this.#squares[j]! += q[j]! * q[j]!;
    }
  }

  /** @param scale  integers a real unit */
  inRealUnits(scale: number): HonestUpdates {
    const n = Math.max(1, this.#count);
    const mean = this.#sums.map((sum) => sum / (n * scale));
    const deviation = this.#squares.map((square, j) => {
      const variance = Math.max(0, square / n - (this.#sums[j]! / n) ** 2);
      return Math.sqrt(variance) / scale;
    });
    return { count: this.#count, mean, deviation };
  }
}
