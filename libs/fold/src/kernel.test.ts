import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';

import { coordinateMedian, ExactSum, GridCheck, MAX_COORDINATE, trimmedMean, type Grid } from '#learning';

import { chooseKernel, describeKernel, plainKernel, readFoldModule, wasmKernel, type FoldKernel } from './index.js';

const HEADER_BYTES = 16;
// To shrink a slice of thousands of numbers takes minutes and shows no more.
fc.configureGlobal({ numRuns: 40, endOnFailure: true });
const kernels = [plainKernel, wasmKernel()];
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

/** Many equal numbers, the ends of the range, and anything between. */
const value = (limit: number) =>
  fc.oneof(
    fc.constantFrom(-limit, limit, 0, 1),
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: -limit, max: limit }),
  );

/** A slice of up to 40 updates and 70 coordinates: neither need be whole lanes. */
const sliceOf = (numbers: fc.Arbitrary<number>, least = 0) =>
  fc
    .tuple(fc.integer({ min: least, max: 40 }), fc.integer({ min: 0, max: 70 }))
    .chain(([count, length]) =>
      fc
        .array(fc.array(numbers, { minLength: length, maxLength: length }), { minLength: count, maxLength: count })
        .map((rows) => ({ length, rows: rows.map((row) => Int32Array.from(row)) })),
    );

/** Deterministic numbers of ±limit. */
function cohort(count: number, length: number, limit: number): Int32Array[] {
  let state = 7;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  return Array.from({ length: count }, () => Int32Array.from({ length }, () => (next() % (2 * limit + 1)) - limit));
}

const summed = (kernel: FoldKernel, rows: Int32Array[], weights: number[], limit: number): Uint8Array => {
  const into = new Uint8Array(8 * rows[0]!.length);
  kernel.sum(rows, { weights, maxCoordinate: limit }, into);
  return into;
};

const unweighted = (rows: readonly Int32Array[]) => rows.map((delta) => ({ delta, weight: 1 }));
const codeOf = (code: string) => expect.objectContaining({ code });

describe.each(kernels)('the $name kernel', (kernel) => {
  // Kills: 32-bit sums that overflow, weights taken for another row's, lanes beyond the end that are added.
  it('[LRN25] sums as ExactSum does', () => {
    const grid: Grid = { scale: 2 ** 16, clip: 4 };
    fc.assert(
      fc.property(sliceOf(value(2 ** 18)), fc.infiniteStream(fc.integer({ min: 1, max: 8 })), (slice, stream) => {
        const weights = slice.rows.map(() => stream.next().value as number);
        const sum = new ExactSum(grid, slice.length);
        slice.rows.forEach((row, i) => sum.add(row, weights[i]!));
        const into = new Uint8Array(8 * slice.length);
        kernel.sum(slice.rows, { weights, maxCoordinate: 2 ** 18 }, into);
        expect(into).toEqual(sum.toBytes().subarray(HEADER_BYTES));
      }),
    );
  });

  // Kills: a 32-bit sum that is widened one update too late: 32 · 2^26 is 2^31.
  it.each([31, 32, 33, 100])('[LRN25] sums %i updates at the ends of the largest grid', (count) => {
    for (const end of [MAX_COORDINATE, -MAX_COORDINATE]) {
      const rows = Array.from({ length: count }, () => new Int32Array(5).fill(end));
      const bytes = summed(kernel, rows, Array<number>(count).fill(3), MAX_COORDINATE);
      expect(new BigInt64Array(bytes.buffer)).toEqual(new BigInt64Array(5).fill(BigInt(3 * end * count)));
    }
  });

  // Kills: a weight that is cut to 32 bits.
  it('[LRN25] multiplies by weights up to 2^53 over the grid', () => {
    const weight = 2 ** 53 - 2;
    expect(new BigInt64Array(summed(kernel, [Int32Array.of(1, -1, 0)], [weight], 1).buffer)).toEqual(
      BigInt64Array.of(BigInt(weight), -BigInt(weight), 0n),
    );
  });

  // Kills: a second piece that begins with the sums, or the zeros, of the first.
  it('[LRN25] sums more coordinates than fit one piece', () => {
    const rows = cohort(9, 10_001, 1000);
    const weights = rows.map((_, i) => 1 + (i % 2));
    expect(summed(kernel, rows, weights, 1000)).toEqual(summed(plainKernel, rows, weights, 1000));
  });

  // Kills: a check of one end only, of the first of four rows, or of the lanes' first.
  it('[LRN26] refuses one coordinate outside the grid, wherever it is, and no other', () => {
    const rows = (): Int32Array[] => Array.from({ length: 6 }, () => new Int32Array(21).fill(-100));
    const bounds = { weights: [1, 1, 1, 2, 2, 2], maxCoordinate: 100 };
    kernel.sum(rows(), bounds, new Uint8Array(8 * 21));
    for (const q of [101, -101, 2 ** 31 - 1, -(2 ** 31)]) {
      for (let at = 0; at < 6 * 21; at++) {
        const bad = rows();
        bad[at % 6]![Math.floor(at / 6)] = q;
        expect(() => kernel.sum(bad, bounds, new Uint8Array(8 * 21))).toThrow(codeOf('out_of_range'));
      }
    }
    // What was refused leaves nothing behind.
    const after = new Uint8Array(8 * 21);
    kernel.sum(rows(), bounds, after);
    expect(new BigInt64Array(after.buffer)).toEqual(new BigInt64Array(21).fill(-900n));
  });

  it('[LRN26] refuses rows of several lengths, an empty cohort and a cut that leaves nothing', () => {
    const uneven = [new Int32Array(3), new Int32Array(4)];
    const bounds = { weights: [1, 1], maxCoordinate: 1 };
    expect(() => kernel.sum(uneven, bounds, new Uint8Array(24))).toThrow(codeOf('dimension_mismatch'));
    expect(() => kernel.median(uneven)).toThrow(codeOf('dimension_mismatch'));
    expect(() => kernel.trimmedMean(uneven, 0)).toThrow(codeOf('dimension_mismatch'));
    expect(() => kernel.median([])).toThrow(codeOf('empty_cohort'));
    expect(() => kernel.trimmedMean([], 0)).toThrow(codeOf('empty_cohort'));
    for (const cut of [1, -1, 0.5, NaN]) {
      expect(() =>
        kernel.trimmedMean(
          uneven.map(() => new Int32Array(3)),
          cut,
        ),
      ).toThrow(codeOf('bad_strategy'));
    }
    expect(() => kernel.measure(new Uint8Array(7))).toThrow(codeOf('wrong_length'));
  });

  // Kills: a network with a comparator too few, a middle that is one off, halves of an odd number.
  it('[LRN25] has the median of coordinateMedian', () => {
    fc.assert(
      fc.property(sliceOf(fc.oneof(value(2 ** 26), int32), 1), ({ rows }) => {
        expect(kernel.median(rows)).toEqual(coordinateMedian.combine(unweighted(rows)));
      }),
    );
  });

  // Kills: a cut from one end, or one that takes from the halves what is not the least of both.
  it('[LRN25] has the mean of trimmedMean, for every cut', () => {
    fc.assert(
      fc.property(sliceOf(fc.oneof(value(2 ** 26), int32), 1), ({ rows }) => {
        for (let cut = 0; 2 * cut < rows.length; cut++) {
          const want = trimmedMean((cut + 0.25) / rows.length).combine(unweighted(rows));
          expect(kernel.trimmedMean(rows, cut)).toEqual(want);
        }
      }),
    );
  });

  // Every 0-1 column sorts exactly if every column does (Knuth, 5.3.4): one coordinate a pattern.
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('[LRN25] ranks every pattern of %i zeros and ones', (count) => {
    const rows = Array.from({ length: count }, (_, i) =>
      Int32Array.from({ length: 2 ** count }, (_, j) => (j >> i) & 1),
    );
    const ones = (j: number): number => j.toString(2).replaceAll('0', '').length;
    const lower = (count - 1) >> 1;
    const rank = (j: number, k: number): number => (ones(j) >= count - k ? 1 : 0);
    const want = Float64Array.from({ length: 2 ** count }, (_, j) => (rank(j, lower) + rank(j, count >> 1)) / 2);
    expect(kernel.median(rows)).toEqual(want);
  });

  it.each([129, 1000, 20_000])('[LRN25] ranks %i updates', (count) => {
    const rows = cohort(count, 40, 2 ** 20);
    expect(kernel.median(rows)).toEqual(coordinateMedian.combine(unweighted(rows)));
    const cut = Math.floor(count / 5);
    expect(kernel.trimmedMean(rows, cut)).toEqual(trimmedMean((cut + 0.25) / count).combine(unweighted(rows)));
  });

  it('[LRN25] changes none of its input', () => {
    const rows = cohort(11, 50, 100);
    const before = rows.map((row) => Int32Array.from(row));
    summed(kernel, rows, Array<number>(11).fill(1), 100);
    kernel.median(rows);
    kernel.trimmedMean(rows, 2);
    expect(rows).toEqual(before);
  });

  // Kills: squares that wrap, at any offset; a size that forgets -2^31; a chunk that counts the one before.
  it('[LRN25] measures integers at any offset', () => {
    fc.assert(
      fc.property(fc.array(value(2 ** 20), { maxLength: 3000 }), fc.integer({ min: 0, max: 5 }), (numbers, offset) => {
        const bytes = new Uint8Array(offset + 4 * numbers.length);
        bytes.set(new Uint8Array(Int32Array.from(numbers).buffer), offset);
        const squares = numbers.reduce((sum, q) => sum + q * q, 0);
        const largest = numbers.reduce((most, q) => Math.max(most, Math.abs(q)), 0);
        expect(kernel.measure(bytes.subarray(offset))).toEqual({ largest, squares });
      }),
    );
    expect(kernel.measure(new Uint8Array(Int32Array.of(1, -(2 ** 31), 5).buffer)).largest).toBe(2 ** 31);
  });

  // Kills: a norm that is judged by squares that have wrapped round. 300,000 · 2^52 is more than 2^64.
  it('[LRN25] lets GridCheck judge as it does by itself', () => {
    const grid: Grid = { scale: 2 ** 26, clip: 1 };
    const verdict = (q: Int32Array, measure?: FoldKernel['measure']): unknown => {
      const check = measure === undefined ? new GridCheck(grid, q.length) : new GridCheck(grid, q.length, measure);
      check.push(new Uint8Array(q.buffer));
      try {
        return check.finish();
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const cohorts = [
      Int32Array.of(2 ** 26, 0, 0),
      Int32Array.of(2 ** 26, 2 ** 14, 0),
      Int32Array.of(2 ** 26 + 1, 0, 0),
      new Int32Array(300_000).fill(-(2 ** 26)),
      new Int32Array(300_000).fill(-(2 ** 31)),
    ];
    const verdicts = cohorts.map((q) => verdict(q, kernel.measure));
    expect(verdicts).toEqual([undefined, 'norm_exceeded', 'out_of_range', 'norm_exceeded', 'out_of_range']);
    expect(verdicts).toEqual(cohorts.map((q) => verdict(q)));
  });
});

describe('chooseKernel', () => {
  it('[LRN27] takes WebAssembly where it is built', () => {
    expect(describeKernel(chooseKernel())).toBe('fold kernel: wasm.');
  });

  // Kills: a worker that does not start, or that says nothing, where the module is missing.
  it('[LRN27] takes the plain kernel and says why where there is no module', () => {
    const chosen = chooseKernel(() => {
      throw new Error('fold.wasm is not built: npm run build:wasm');
    });
    expect(chosen.kernel).toBe(plainKernel);
    expect(describeKernel(chosen)).toMatch(/^fold kernel: plain\. .*npm run build:wasm\.$/);
  });

  it('[LRN27] takes the plain kernel where the module is not one', () => {
    expect(chooseKernel(() => wasmKernel(readFoldModule().subarray(0, 100))).kernel).toBe(plainKernel);
  });

  // Kills: a check at the start that any kernel passes.
  it.each([
    { name: 'sum', wrong: { sum: () => {} } },
    { name: 'median', wrong: { median: (rows: Int32Array[]) => Float64Array.from(rows[0]!) } },
    { name: 'trimmedMean', wrong: { trimmedMean: (rows: Int32Array[]) => plainKernel.median(rows) } },
    { name: 'measure', wrong: { measure: () => ({ largest: 2 ** 18, squares: 0 }) } },
  ])('[LRN27] does not take a kernel with a wrong $name', ({ wrong }) => {
    const chosen = chooseKernel(() => ({ ...plainKernel, name: 'wasm' as const, ...wrong }) as FoldKernel);
    expect(chosen.kernel).toBe(plainKernel);
    expect(chosen.skipped).toContain('wrong');
  });
});
