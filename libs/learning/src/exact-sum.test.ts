import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { ExactSum, maxCoordinate, type Grid } from './index.js';

const grid: Grid = { scale: 2 ** 16, clip: 4 };
const limit = maxCoordinate(grid);
const DIMENSION = 50;

function numbers(seed: number): () => number {
  let state = seed + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

const next = numbers(3);
const cohort = Array.from({ length: 64 }, (_, i) => ({
  q: Int32Array.from({ length: DIMENSION }, () => Math.round(limit * (2 * next() - 1))),
  weight: 1 + (i % 8),
}));

const digest = (sum: ExactSum): string => createHash('sha256').update(sum.toBytes()).digest('hex');

function sumOf(updates: typeof cohort): ExactSum {
  const sum = new ExactSum(grid, DIMENSION);
  for (const { q, weight } of updates) sum.add(q, weight);
  return sum;
}

const codeOf = (code: string) => expect.objectContaining({ code });

describe('ExactSum', () => {
  it('[LRN8] has the same bytes for 100 orders of arrival and 1, 2, 7 or 16 shards', () => {
    // Kills the mutant that accumulates in float32, or that divides before it sums.
    const want = digest(sumOf(cohort));
    for (let order = 0; order < 100; order++) {
      const shuffled = cohort
        .map((update) => ({ update, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ update }) => update);
      for (const shards of [1, 2, 7, 16]) {
        const total = new ExactSum(grid, DIMENSION);
        for (let shard = 0; shard < shards; shard++) {
          const partial = sumOf(shuffled.filter((_, i) => i % shards === shard));
          if (shard % 2 === 0) total.merge(ExactSum.fromBytes(partial.toBytes(), grid, DIMENSION));
          else total.mergeBytes(partial.toBytes());
        }
        expect(digest(total)).toBe(want);
      }
    }
  });

  it('[LRN8] equals the sum in big integers', () => {
    const sum = sumOf(cohort);
    for (let j = 0; j < DIMENSION; j++) {
      const want = cohort.reduce((total, { q, weight }) => total + BigInt(q[j]! * weight), 0n);
      expect(BigInt(sum.values[j]!)).toBe(want);
    }
  });

  it.each([
    { name: 'a wrong length', q: new Int32Array(2), weight: 1, code: 'dimension_mismatch' },
    { name: 'weight zero', q: new Int32Array(3), weight: 0, code: 'bad_weight' },
    { name: 'a broken weight', q: new Int32Array(3), weight: 1.5, code: 'bad_weight' },
    { name: 'weight NaN', q: new Int32Array(3), weight: NaN, code: 'bad_weight' },
    { name: 'a coordinate beyond the grid', q: Int32Array.of(1, 1, limit + 1), weight: 1, code: 'out_of_range' },
    { name: 'a coordinate below the grid', q: Int32Array.of(1, 1, -limit - 1), weight: 1, code: 'out_of_range' },
    { name: 'a weight that could pass 2^53', q: new Int32Array(3), weight: 2 ** 53 / limit, code: 'sum_overflow' },
  ])('[LRN9] refuses $name and stays as it was', ({ q, weight, code }) => {
    // Kills the mutant that checks while it adds: the coordinates before the bad one would stay counted.
    const sum = new ExactSum(grid, 3);
    sum.add(Int32Array.of(5, 6, 7), 2);
    const before = digest(sum);
    expect(() => sum.add(q, weight)).toThrow(codeOf(code));
    expect(digest(sum)).toBe(before);
  });

  it('[LRN9] counts up to 2^53 and not beyond', () => {
    const sum = new ExactSum(grid, 1);
    sum.add(Int32Array.of(limit), 2 ** 53 / limit);
    expect(sum.values[0]).toBe(2 ** 53);
    expect(() => sum.add(Int32Array.of(1), 1)).toThrow(codeOf('sum_overflow'));
    const other = new ExactSum(grid, 1);
    other.add(Int32Array.of(1), 1);
    expect(() => other.merge(sum)).toThrow(codeOf('sum_overflow'));
    expect(() => other.mergeBytes(sum.toBytes())).toThrow(codeOf('sum_overflow'));
    expect(other.values[0]).toBe(1);
  });

  it('[LRN9] does not merge another length or another grid', () => {
    const sum = new ExactSum(grid, 3);
    expect(() => sum.merge(new ExactSum(grid, 2))).toThrow(codeOf('dimension_mismatch'));
    expect(() => sum.merge(new ExactSum({ ...grid, scale: 2 }, 3))).toThrow(codeOf('bad_grid'));
  });

  it('[LRN10] writes count, weight and coordinates as little-endian 64-bit integers', () => {
    const sum = new ExactSum(grid, 2);
    sum.add(Int32Array.of(1, -2), 3);
    expect(Buffer.from(sum.toBytes()).toString('hex')).toBe(
      '0100000000000000' + '0300000000000000' + '0300000000000000' + 'faffffffffffffff',
    );
  });

  it('[LRN10] reads back what it wrote, beyond 32 bits and at any offset', () => {
    const sum = new ExactSum(grid, 2);
    sum.add(Int32Array.of(limit, -limit), 2 ** 30);
    const bytes = new Uint8Array(1 + 32);
    bytes.set(sum.toBytes(), 1);
    const back = ExactSum.fromBytes(bytes.subarray(1), grid, 2);
    expect(back.toBytes()).toEqual(sum.toBytes());
    expect([back.count, back.totalWeight, ...back.values]).toEqual([1, 2 ** 30, limit * 2 ** 30, -limit * 2 ** 30]);
  });

  it.each([
    { name: 'a byte short', change: (bytes: Uint8Array) => bytes.subarray(1) },
    { name: 'a coordinate above what the weight allows', change: (bytes: Uint8Array) => bytes.fill(0x7f, 20, 24) },
    { name: 'fewer weights than updates', change: (bytes: Uint8Array) => bytes.fill(9, 0, 1) },
    { name: 'coordinates of nobody', change: (bytes: Uint8Array) => bytes.fill(0, 0, 1) },
    { name: 'a negative count', change: (bytes: Uint8Array) => bytes.fill(0xff, 0, 8) },
    { name: 'a weight past 2^53', change: (bytes: Uint8Array) => bytes.fill(0x20, 8, 16) },
  ])('[LRN10] refuses $name', ({ change }) => {
    const sum = new ExactSum(grid, 2);
    sum.add(Int32Array.of(1, -2), 3);
    expect(() => ExactSum.fromBytes(change(sum.toBytes()), grid, 2)).toThrow(codeOf('malformed_sum'));
    // Kills the mutant that adds while it reads.
    const before = digest(sum);
    expect(() => sum.mergeBytes(change(sum.toBytes()))).toThrow(codeOf('malformed_sum'));
    expect(digest(sum)).toBe(before);
  });
});
