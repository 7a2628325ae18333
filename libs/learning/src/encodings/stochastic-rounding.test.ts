import { describe, expect, it } from '@jest/globals';

import {
  deltaOf,
  encodingOf,
  l2Norm,
  maxNorm,
  maxStochasticNorm,
  seededBytes,
  toGridByLot,
  type RandomSource,
} from '../index.js';
import { NARROW, numbers, random, refused, zeros } from './testing/draws.js';

/** All 256 bytes equally often, one after the other. */
const inTurn = (): RandomSource => {
  let next = 0;
  return (length) => Uint8Array.from({ length }, () => next++ % 256);
};

describe('rounding by lot', () => {
  // Kills: rounding to the nearest or towards zero, a coin that counts its own edge, one coin for all coordinates.
  it.each([77, 128, 179, 1, 255, 0, -77, -128, -1, -300])(
    '[LRN40] rounds %i/256 up exactly as often as its fraction says: the mean is the number',
    (parts) => {
      const q = toGridByLot(new Float64Array(256).fill(parts / 256), { scale: 1, clip: 100 }, inTurn());
      expect(q.reduce((sum, value) => sum + value, 0)).toBe(parts);
      expect(Math.max(...q) - Math.min(...q)).toBeLessThanOrEqual(1);
    },
  );

  // Kills: a lot that ends with its first digit: 1/512 of all fractions would be lost.
  it.each([
    [127, 78],
    [128, 77],
  ])('[LRN40] decides by the next digit, %i, where the first is equal', (next, sum) => {
    const blocks = [Uint8Array.from({ length: 256 }, (_, j) => j), new Uint8Array(8192).fill(next)];
    const q = toGridByLot(new Float64Array(256).fill(77.5 / 256), { scale: 1, clip: 100 }, () => blocks.shift()!);
    expect(q.reduce((total, value) => total + value, 0)).toBe(sum);
  });

  // Kills: a change that is rounded otherwise than its delta; a second block of lots that repeats the first.
  it.each(NARROW)('[LRN40] of %j the change of a model is encoded as its delta is', (choice, most) => {
    const next = numbers(5);
    const before = Float32Array.from({ length: 70_000 }, next);
    const after = before.map((x) => x + next());
    const encoding = encodingOf(choice, before.length);
    const grid = { scale: most / 7, clip: 7 };
    const lots = () => seededBytes(new Uint8Array(32).fill(3), 'lots');
    const payload = encoding.encodeChange({ after, before }, grid, lots());
    expect(payload).toEqual(encoding.encode(deltaOf(after, before), grid, lots()));
    expect(encoding.normOfChange(after, before)).toBe(encoding.norm(deltaOf(after, before)));
    expect(encoding.encodeChange({ after, before: before.slice(), isSpare: true }, grid, lots())).toEqual(payload);
    const shorter = () => encoding.encodeChange({ after, before: before.subarray(1) }, grid, lots());
    expect(shorter).toThrow(refused('dimension_mismatch'));
  });

  // Kills: rounding without a mean: to the nearest, all 500 would be zero, and so their mean.
  it.each(NARROW)('[LRN40] the mean of many updates in %j comes near the delta', (choice, most) => {
    const next = numbers(3);
    const delta = Float64Array.from({ length: 5 }, () => 0.24 + 0.2 * Math.abs(next()));
    const encoding = encodingOf(choice, delta.length);
    const mean = new Float64Array(delta.length);
    for (let i = 0; i < 500; i++) {
      const q = encoding.decode(encoding.encode(delta, { scale: 1, clip: most }, random));
      q.forEach((value, j) => (mean[j]! += value / 500));
    }
    // Five deviations of a coin's mean.
    for (let j = 0; j < delta.length; j++) expect(Math.abs(mean[j]! - delta[j]!)).toBeLessThan(0.112);
  });

  it('[LRN40] takes what clipping leaves, and leaves its input as it was', () => {
    const delta = Float32Array.of(30, -40);
    expect([...toGridByLot(delta, { scale: 10, clip: 5 }, random)]).toEqual([30, -40]);
    expect([...delta]).toEqual([30, -40]);
    for (const bad of [NaN, Infinity]) {
      for (const [choice] of NARROW) {
        const encode = () =>
          encodingOf(choice, 5).encode(Float64Array.of(0, 0, 0, bad, 1), { scale: 1, clip: 1 }, random);
        expect(encode).toThrow(refused('not_finite'));
      }
    }
  });

  // Kills: C·s + √n/2, which lots pass; C·s + √n alone, which lets an attacker be longer than any honest device.
  it('[LRN42] its bound is the lesser of what no draw passes and what one in 2^40 does', () => {
    const grid = { scale: 127, clip: 1 };
    expect(maxStochasticNorm(grid, 1)).toBe(128);
    const bits = Math.sqrt(80 * Math.LN2);
    expect(maxStochasticNorm(grid, 10_000)).toBeCloseTo(Math.sqrt(127 ** 2 + 2500 + bits * 177), 9);
    for (const n of [1, 10, 100, 1e4, 1e6]) {
      expect(maxStochasticNorm(grid, n)).toBeLessThanOrEqual(127 + Math.sqrt(n));
      expect(maxStochasticNorm(grid, n)).toBeGreaterThan(Math.hypot(127, Math.sqrt(n) / 2));
    }
    expect(maxStochasticNorm(grid, 1e4)).toBeLessThan(maxNorm(grid, 1e4));
  });

  // Kills: a draw that is kept whatever its length: intake would refuse the update of an honest device.
  it('[LRN42] a draw beyond it is rounded towards zero', () => {
    const delta = new Float64Array(10_000).fill(0.01);
    const grid = { scale: 1, clip: 1 };
    const allUp = toGridByLot(delta, { scale: 1, clip: 100 }, zeros);
    expect(new Set(allUp)).toEqual(new Set([1]));
    expect(new Set(toGridByLot(delta, grid, zeros))).toEqual(new Set([0]));
    const mostlyHalf = new Float64Array(10_000).fill(1.5);
    const drawn = toGridByLot(mostlyHalf, { scale: 1, clip: 150 }, random);
    expect(l2Norm(Float64Array.from(drawn))).toBeLessThanOrEqual(maxStochasticNorm({ scale: 1, clip: 150 }, 10_000));
    expect(new Set(drawn)).toEqual(new Set([1, 2]));
  });
});
