import { describe, expect, it } from '@jest/globals';

import {
  encodingOf,
  GridCheck,
  l2Norm,
  maxCoordinate,
  measureInt32LE,
  type EncodingChoice,
  type RandomSource,
} from '../index.js';
import { NARROW, numbers, random, refused, zeros } from './testing/draws.js';
import { verdict } from './testing/verdict.js';

const ones: RandomSource = (length) => new Uint8Array(length).fill(255);

describe('every encoding', () => {
  it.each<[EncodingChoice, number, number]>([
    ['int32', 11, 44],
    ['int16', 11, 22],
    ['int8', 11, 11],
    [{ topK: 4 }, 11, 24],
  ])('[LRN43] %j has one length: of %i numbers %i bytes', (choice, dimension, length) => {
    const encoding = encodingOf(choice, dimension);
    expect(encoding.payloadLength).toBe(length);
    for (const delta of [new Float64Array(dimension), new Float64Array(dimension).fill(9)]) {
      expect(encoding.encode(delta, { scale: 10, clip: 3 }, random)).toHaveLength(length);
    }
  });

  it('[LRN43] writes two’s complement, little-endian, and reads it at any offset', () => {
    const delta = Float64Array.of(1, -2, 0x0102, -0x0102);
    const grid = { scale: 1, clip: 2 ** 15 - 1 };
    const int16 = encodingOf('int16', 4).encode(delta, grid, random);
    expect([...int16]).toEqual([1, 0, 254, 255, 2, 1, 254, 254]);
    const int8 = encodingOf('int8', 2).encode(delta.subarray(0, 2), { scale: 1, clip: 127 }, random);
    expect([...int8]).toEqual([1, 254]);
    const sparse = encodingOf({ topK: 2 }, 4).encode(delta, grid, random);
    expect([...sparse]).toEqual([2, 0, 0, 0, 2, 1, 3, 0, 0, 0, 254, 254]);
    for (const [choice, bytes] of [['int16', int16] as const, [{ topK: 2 }, sparse] as const]) {
      const odd = new Uint8Array(bytes.length + 1);
      odd.set(bytes, 1);
      const encoding = encodingOf(choice, 4);
      expect(encoding.decode(odd.subarray(1))).toEqual(encoding.decode(bytes));
      expect(() => encoding.decode(bytes.subarray(1))).toThrow(refused('wrong_length'));
    }
    expect([...encodingOf('int16', 4).decode(int16)]).toEqual([...delta]);
  });

  // Kills: a last step past the grid's end where the clip itself is an ulp too long; a bound that lots pass.
  it.each([['int32', 2 ** 26] as const, ...NARROW])(
    '[LRN41] %j makes nothing that its check refuses',
    (choice, most) => {
      const next = numbers(1);
      for (let i = 0; i < 300; i++) {
        const clip = 0.01 + 8 * Math.abs(next());
        const grid = { scale: (most / clip) * (i % 2 === 0 ? 1 - 2 ** -40 : Math.abs(next())), clip };
        const length = 5 + (i % 97);
        const encoding = encodingOf(choice, length);
        const size = 10 ** (4 * next());
        const delta = Float64Array.from({ length }, (_, j) => (i % 3 === 0 && j > 0 ? 0 : size * next()));
        for (const source of [random, zeros]) {
          const payload = encoding.encode(delta, grid, source);
          expect(verdict(encoding, grid, payload)).toBe('accepted');
          const q = Float64Array.from(encoding.decode(payload));
          expect(l2Norm(q)).toBeLessThanOrEqual(encoding.maxNorm(grid));
          expect(Math.max(...q.map(Math.abs))).toBeLessThanOrEqual(maxCoordinate(grid));
        }
      }
    },
  );

  // Kills: s·Δ·C/‖Δ‖ taken as it comes out: of one number it may be an ulp beyond C·s, and a step further by lot.
  it.each([['int32', 2 ** 26] as const, ...NARROW])(
    '[LRN41] %j makes nothing beyond the end of its grid',
    (choice, most) => {
      const next = numbers(5);
      const [encoding, grid] = [encodingOf(choice, 5), { scale: most, clip: 1 }];
      for (let i = 0; i < 200; i++) {
        const size = 1 + 9 * Math.abs(next());
        for (const [value, source] of [
          [size, zeros],
          [-size, ones],
        ] as const) {
          expect(verdict(encoding, grid, encoding.encode(Float64Array.of(0, 0, value, 0, 0), grid, source))).toBe(
            'accepted',
          );
        }
      }
    },
  );

  // Kills: a grid of which some numbers have no bytes: they would come out as others.
  it.each(NARROW)('[LRN47] %j takes no grid with numbers beyond %i', (choice, most) => {
    const encoding = encodingOf(choice, 5);
    const delta = new Float64Array(5);
    expect(encoding.encode(delta, { scale: most, clip: 1 }, random)).toHaveLength(encoding.payloadLength);
    const tooFine = { scale: most + 0.5, clip: 1 };
    for (const use of [
      () => encoding.encode(delta, tooFine, random),
      () => encoding.check(tooFine),
      () => encoding.maxNorm(tooFine),
    ]) {
      expect(use).toThrow(refused('bad_grid'));
    }
  });

  it('[LRN47] topK takes a k from 1 to d', () => {
    for (const k of [0, 6, 1.5, -1, NaN]) expect(() => encodingOf({ topK: k }, 5)).toThrow(refused('bad_grid'));
  });
});

describe('dense updates of few bytes', () => {
  const GRID = { scale: 10, clip: 10 };

  it.each<[string, number[], string]>([
    ['an honest update', [60, -80], 'accepted'],
    ['the largest number', [100, 0], 'accepted'],
    ['one beyond it', [101, 0], 'out_of_range'],
    ['one beyond it, negative', [0, -101], 'out_of_range'],
    ['in range, too long together', [100, -60], 'norm_exceeded'],
    ['out of range and too long', [101, 100], 'out_of_range'],
    ['a number too few', [1], 'wrong_length'],
    ['a number too many', [101, 1, 1], 'wrong_length'],
  ])('[LRN45] %s: %j is %s, in any pieces', (_name, values, want) => {
    const int8 = Uint8Array.from(values);
    const int16 = Uint8Array.from(values.flatMap((value) => [value, value >> 8]));
    expect(verdict(encodingOf('int8', 2), GRID, int8)).toBe(want);
    expect(verdict(encodingOf('int8', 2), GRID, int8, 1)).toBe(want);
    expect(verdict(encodingOf('int16', 2), GRID, int16)).toBe(want);
    expect(verdict(encodingOf('int16', 2), GRID, int16, 2)).toBe(want);
  });

  it('[LRN45] the least number of a type is in no grid, and half a number in no update', () => {
    expect(verdict(encodingOf('int8', 2), { scale: 127, clip: 1 }, Uint8Array.of(128, 0))).toBe('out_of_range');
    const most = { scale: 2 ** 15 - 1, clip: 1 };
    expect(verdict(encodingOf('int16', 2), most, Uint8Array.of(0, 128, 0, 0))).toBe('out_of_range');
    expect(verdict(encodingOf('int16', 2), most, new Uint8Array(4), 3)).toBe('wrong_length');
  });

  it('[LRN45] another measure reads the same integers', () => {
    const seen: number[] = [];
    const check = encodingOf('int8', 3).check(GRID, (bytes) => (seen.push(...bytes), measureInt32LE(bytes)));
    check.push(Uint8Array.of(1, 255, 0));
    check.finish();
    expect(check).toBeInstanceOf(GridCheck);
    expect(seen).toEqual([1, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0]);
  });
});
