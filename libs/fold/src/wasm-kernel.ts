import { readFileSync } from 'node:fs';

import { LearningError, type Size } from '#learning';

import { checkCut, checkRows, lengthOf, outOfRange } from './check-slice.js';
import type { FoldKernel, Slice, SumBounds } from './kernel.js';
import { plainKernel } from './plain-kernel.js';

/** Node's types leave it to those of the DOM. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Global {
  readonly value: number;
}

/** What `assembly/fold.ts` exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly ROWS: Global;
  readonly ROWS_BYTES: Global;
  readonly WIDE: Global;
  readonly RANKS: Global;
  readonly MOST_COORDINATES: Global;
  clearSum(length: number): void;
  addRows(count: number, stride: number, length: number, limit: number): number;
  widen(length: number, weight: number): void;
  median(count: number, stride: number, length: number): void;
  trimmedMean(count: number, stride: number, length: number, cut: number): void;
  measure(length: number): void;
  largestSize(): number;
  sumOfSquares(): number;
}

/** Rows that are copied in before they are added: they and the sums stay in the cache next to the core. */
const ROWS_A_PASS = 8;
/** Coordinates that are sorted side by side, and rows that are added. */
const LANES = 16;
const ADDED_TOGETHER = 4;

/** The module that `npm run build:wasm` compiles beside what tsc does. @throws Error where it is not */
export function readFoldModule(): Uint8Array {
  try {
    return readFileSync(new URL('../assembly/fold.wasm', import.meta.url));
  } catch {
    throw new Error('fold.wasm is not built: npm run build:wasm');
  }
}

/**
 * Rows are copied in pieces that fit the caches, so each byte comes from memory once, and all updates of a slice are
 * folded into a piece before it is left.
 *
 * @throws Error where this machine cannot run the module
 */
export function wasmKernel(module: Uint8Array = readFoldModule()): FoldKernel {
  return new WasmKernel(new WebAssembly.Instance(new WebAssembly.Module(module)).exports as Exports);
}

class WasmKernel implements FoldKernel {
  readonly name = 'wasm';
  readonly #bytes: Uint8Array;
  readonly #integers: Int32Array;
  readonly #ranks: Float64Array;
  readonly #mostCoordinates: number;

  constructor(private readonly wasm: Exports) {
    // The module never grows its memory.
    const { buffer } = wasm.memory;
    this.#mostCoordinates = wasm.MOST_COORDINATES.value;
    this.#bytes = new Uint8Array(buffer);
    this.#integers = new Int32Array(buffer, wasm.ROWS.value, wasm.ROWS_BYTES.value / 4);
    this.#ranks = new Float64Array(buffer, wasm.RANKS.value, this.#mostCoordinates);
  }

  sum(slice: Slice, bounds: SumBounds, into: Uint8Array): void {
    const dimension = into.length / 8;
    checkRows(slice, dimension);
    const groups = byWeight(slice, bounds.weights);
    for (let from = 0; from < dimension; from += this.#mostCoordinates) {
      const to = Math.min(from + this.#mostCoordinates, dimension);
      this.wasm.clearSum(this.#mostCoordinates);
      for (const [weight, rows] of groups) this.#addWeighted(rows, from, to, { weight, limit: bounds.maxCoordinate });
      const at = this.wasm.WIDE.value;
      into.set(this.#bytes.subarray(at, at + 8 * (to - from)), 8 * from);
    }
  }

  #addWeighted(
    rows: Slice,
    from: number,
    to: number,
    { weight, limit }: { readonly weight: number; readonly limit: number },
  ): void {
    // Sums of 32 bits: so many rows never pass them.
    const mostPending = Math.floor((2 ** 31 - 1) / limit);
    let pending = 0;
    for (let first = 0; first < rows.length; first += ROWS_A_PASS) {
      const some = rows.slice(first, first + ROWS_A_PASS);
      if (pending + some.length > mostPending) {
        this.wasm.widen(this.#mostCoordinates, weight);
        pending = 0;
      }
      const stride = roundUp(to - from, ADDED_TOGETHER);
      this.#copyIn(some, from, to, stride);
      const count = roundUp(some.length, ADDED_TOGETHER);
      this.#integers.fill(0, some.length * stride, count * stride);
      if (this.wasm.addRows(count, 4 * stride, stride, limit) === 0) throw outOfRange(limit);
      pending += some.length;
    }
    this.wasm.widen(this.#mostCoordinates, weight);
  }

  median(slice: Slice): Float64Array {
    if (slice.length > this.#mostRows) return plainKernel.median(slice);
    return this.#rank(slice, (stride, length) => this.wasm.median(slice.length, 4 * stride, length));
  }

  trimmedMean(slice: Slice, cut: number): Float64Array {
    const length = lengthOf(slice);
    checkCut(cut, slice.length);
    if (length === 0 || slice.length > this.#mostRows) return plainKernel.trimmedMean(slice, cut);
    return this.#rank(slice, (stride, length) => this.wasm.trimmedMean(slice.length, 4 * stride, length, cut));
  }

  /** Of which sixteen coordinates fit. */
  get #mostRows(): number {
    return this.#integers.length / LANES;
  }

  #rank(slice: Slice, rank: (stride: number, length: number) => void): Float64Array {
    const ranks = new Float64Array(lengthOf(slice));
    const fitting = Math.floor(this.#integers.length / slice.length / LANES) * LANES;
    const step = Math.min(this.#mostCoordinates, fitting);
    for (let from = 0; from < ranks.length; from += step) {
      const to = Math.min(from + step, ranks.length);
      const stride = roundUp(to - from, LANES);
      this.#copyIn(slice, from, to, stride);
      rank(stride, stride);
      ranks.set(this.#ranks.subarray(0, to - from), from);
    }
    return ranks;
  }

  measure = (bytes: Uint8Array): Size => {
    if (bytes.length % 4 !== 0) throw new LearningError('wrong_length', `${bytes.length} bytes are not whole int32s`);
    const at = this.wasm.ROWS.value;
    const most = this.wasm.ROWS_BYTES.value;
    let [largest, squares] = [0, 0];
    for (let from = 0; from < bytes.length; from += most) {
      const some = bytes.subarray(from, from + most);
      this.#bytes.set(some, at);
      const padded = roundUp(some.length, 16);
      this.#bytes.fill(0, at + some.length, at + padded);
      this.wasm.measure(padded / 4);
      largest = Math.max(largest, this.wasm.largestSize());
      squares += this.wasm.sumOfSquares();
    }
    return { largest, squares };
  };

  /** Coordinates `from` to `to` of each row, one after another, each filled up with zeros to `stride`. */
  #copyIn(rows: Slice, from: number, to: number, stride: number): void {
    rows.forEach((row, i) => {
      this.#integers.set(row.subarray(from, to), i * stride);
      this.#integers.fill(0, i * stride + to - from, (i + 1) * stride);
    });
  }
}

function byWeight(slice: Slice, weights: readonly number[]): Map<number, Int32Array[]> {
  const groups = new Map<number, Int32Array[]>();
  slice.forEach((row, i) => {
    const weight = weights[i]!;
    const group = groups.get(weight);
    if (group === undefined) groups.set(weight, [row]);
    else group.push(row);
  });
  return groups;
}

const roundUp = (count: number, unit: number): number => Math.ceil(count / unit) * unit;
