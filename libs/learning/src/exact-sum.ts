import { LearningError } from './errors.js';
import { maxCoordinate, type Grid } from './grid.js';
import { encodeInt64LE, getInt64LE, setInt64LE } from './int64-bytes.js';

/** Count and total weight, each a uint64, before the coordinates. */
const HEADER_BYTES = 16;

/**
 * Σ w·q over a cohort, in exact integers: any order of arrival, any split into shards gives the same bytes.
 * Float64 holds integers exactly up to 2^53; an update that could carry a coordinate past that is refused.
 */
export class ExactSum {
  readonly #maxCoordinate: number;
  readonly #values: Float64Array;
  #count = 0;
  #totalWeight = 0;

  /** @throws LearningError `bad_grid` */
  constructor(
    readonly grid: Grid,
    readonly dimension: number,
  ) {
    this.#maxCoordinate = maxCoordinate(grid);
    this.#values = new Float64Array(dimension);
  }

  /** Updates taken. */
  get count(): number {
    return this.#count;
  }

  /** Σ w. */
  get totalWeight(): number {
    return this.#totalWeight;
  }

  /** Σ w·q, exact integers, length d; the accumulator itself, so do not write to it. */
  get values(): Float64Array {
    return this.#values;
  }

  /**
   * Adds weight · q. A refusal leaves the sum as it was.
   *
   * @param q  grid integers, length d
   * @param weight  positive integer
   * @throws LearningError `dimension_mismatch`, `bad_weight`, `out_of_range`, `sum_overflow`
   */
  add(q: Int32Array, weight: number): void {
    this.#checkLength(q.length);
    checkWeight(weight);
    this.#checkRoom(weight);
    const limit = this.#maxCoordinate;
    for (let j = 0; j < q.length; j++) {
      if (q[j]! > limit || q[j]! < -limit) {
        throw new LearningError('out_of_range', `a coordinate lies outside ±${limit}`);
      }
    }
    for (let j = 0; j < q.length; j++) this.#values[j]! += weight * q[j]!;
    this.#count += 1;
    this.#totalWeight += weight;
  }

  /**
   * Adds another sum over the same grid, for example a shard's.
   *
   * @throws LearningError `dimension_mismatch`, `bad_grid`, `sum_overflow`
   */
  merge(other: ExactSum): void {
    this.#checkLength(other.dimension);
    if (other.grid.scale !== this.grid.scale || other.grid.clip !== this.grid.clip) {
      throw new LearningError('bad_grid', 'the two sums are on different grids');
    }
    this.#checkRoom(other.totalWeight);
    const values = other.values;
    for (let j = 0; j < values.length; j++) this.#values[j]! += values[j]!;
    this.#count += other.count;
    this.#totalWeight += other.totalWeight;
  }

  /** Canonical bytes, all little-endian: count u64, total weight u64, then d × int64. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(HEADER_BYTES + 8 * this.dimension);
    bytes.set(sumHeader(this.#count, this.#totalWeight));
    encodeInt64LE(this.#values, bytes.subarray(HEADER_BYTES));
    return bytes;
  }

  /**
   * Adds another sum by its `toBytes`, without making it. A refusal leaves the sum as it was.
   *
   * @throws LearningError `malformed_sum` for a wrong length or a number no honest sum can hold; `sum_overflow`
   */
  mergeBytes(bytes: Uint8Array): void {
    if (bytes.length !== HEADER_BYTES + 8 * this.dimension) {
      throw new LearningError(
        'malformed_sum',
        `expected ${HEADER_BYTES + 8 * this.dimension} bytes, got ${bytes.length}`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const count = getInt64LE(view, 0);
    const totalWeight = getInt64LE(view, 8);
    const bound = totalWeight * this.#maxCoordinate;
    let honest = count >= 0 && totalWeight >= count && (count > 0 || totalWeight === 0) && bound <= 2 ** 53;
    for (let at = HEADER_BYTES; at < bytes.length; at += 8) honest &&= Math.abs(getInt64LE(view, at)) <= bound;
    if (!honest) throw new LearningError('malformed_sum', 'the bytes are not a sum of updates on this grid');
    this.#checkRoom(totalWeight);
    for (let j = 0; j < this.dimension; j++) this.#values[j]! += getInt64LE(view, HEADER_BYTES + 8 * j);
    this.#count += count;
    this.#totalWeight += totalWeight;
  }

  /**
   * The sum whose `toBytes` these are.
   *
   * @throws LearningError `malformed_sum`, `bad_grid`
   */
  static fromBytes(bytes: Uint8Array, grid: Grid, dimension: number): ExactSum {
    const sum = new ExactSum(grid, dimension);
    sum.mergeBytes(bytes);
    return sum;
  }

  #checkLength(length: number): void {
    if (length !== this.dimension) {
      throw new LearningError('dimension_mismatch', `expected ${this.dimension} coordinates, got ${length}`);
    }
  }

  #checkRoom(weight: number): void {
    checkRoom(this.#totalWeight + weight, this.#maxCoordinate);
  }
}

/** What the bytes of a sum begin with; d × int64 follow. */
export function sumHeader(count: number, totalWeight: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  setInt64LE(view, 0, count);
  setInt64LE(view, 8, totalWeight);
  return bytes;
}

/**
 * Whether a sum with these weights is exact: what `ExactSum.add` asks of each update, asked of a cohort at once.
 *
 * @returns Σ w
 * @throws LearningError `bad_weight`, `sum_overflow`
 */
export function checkWeights(weights: readonly number[], limit: number): number {
  let total = 0;
  for (const weight of weights) {
    checkWeight(weight);
    total += weight;
    checkRoom(total, limit);
  }
  return total;
}

function checkWeight(weight: number): void {
  if (!Number.isSafeInteger(weight) || weight < 1) {
    throw new LearningError('bad_weight', `weight must be a positive integer, got ${weight}`);
  }
}

function checkRoom(totalWeight: number, limit: number): void {
  if (totalWeight * limit > 2 ** 53) {
    throw new LearningError('sum_overflow', `a total weight of ${totalWeight} could pass 2^53`);
  }
}
