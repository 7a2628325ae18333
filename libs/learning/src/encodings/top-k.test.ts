import { describe, expect, it } from '@jest/globals';

import { encodeEntries, encodingOf, type Grid } from '../index.js';
import { random, refused } from './testing/draws.js';
import { verdict } from './testing/verdict.js';

describe('the k largest', () => {
  const GRID = { scale: 10, clip: 10 };
  const DIMENSION = 9;
  const kept = (delta: number[], k: number, grid: Grid = { scale: 1, clip: 1000 }): number[] => {
    const encoding = encodingOf({ topK: k }, delta.length);
    return [...encoding.decode(encoding.encode(Float64Array.from(delta), grid, random))];
  };

  // Kills: the largest without their signs, the last of equals, entries that are left out because they are zero.
  it.each<[string, number[], number, number[]]>([
    ['the largest by size, in their places', [1, -9, 0, 3, 8], 2, [0, -9, 0, 0, 8]],
    ['of equals the earlier', [5, -5, 5, 7], 2, [5, 0, 0, 7]],
    ['of equals the earlier, where all are', [2, 2, 2], 2, [2, 2, 0]],
    ['all of them', [1, 2, 3], 3, [1, 2, 3]],
    ['zeros where nothing moved', [0, 0, 4], 2, [0, 0, 4]],
  ])('[LRN44] keeps %s: %j', (_name, delta, k, want) => {
    expect(kept(delta, k)).toEqual(want);
    const encoding = encodingOf({ topK: k }, delta.length);
    expect(encoding.encode(Float64Array.from(delta), { scale: 1, clip: 1000 }, random)).toHaveLength(6 * k);
  });

  // Kills: a clip that is spent on what does not travel.
  it('[LRN44] clips what it keeps', () => {
    expect(kept([3, 30, -40, 3], 2, { scale: 1, clip: 50 })).toEqual([0, 30, -40, 0]);
    // Much does not travel: with a share of the clip no lot would make of them what these are.
    const rest = new Array<number>(10).fill(20);
    expect(kept([30, -40, ...rest], 2, { scale: 1, clip: 5 })).toEqual([3, -4, ...rest.fill(0)]);
  });

  it.each<[string, [number, number][], string]>([
    [
      'an honest update',
      [
        [0, 60],
        [3, -80],
        [8, 0],
      ],
      'accepted',
    ],
    [
      'an index twice',
      [
        [0, 1],
        [3, 1],
        [3, 1],
      ],
      'out_of_order',
    ],
    [
      'indices that descend',
      [
        [3, 1],
        [0, 1],
        [8, 1],
      ],
      'out_of_order',
    ],
    [
      'an index beyond the model',
      [
        [0, 1],
        [3, 1],
        [9, 1],
      ],
      'out_of_order',
    ],
    [
      'an index of all ones',
      [
        [0, 1],
        [3, 1],
        [2 ** 32 - 1, 1],
      ],
      'out_of_order',
    ],
    [
      'an index beyond the model that comes back',
      [
        [0, 1],
        [9, 1],
        [3, 1],
      ],
      'out_of_order',
    ],
    [
      'all at index 0',
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      'out_of_order',
    ],
    [
      'k − 1 entries',
      [
        [0, 1],
        [3, 1],
      ],
      'wrong_length',
    ],
    [
      'k + 1 entries',
      [
        [0, 1],
        [3, 1],
        [3, 1],
        [5, 1],
      ],
      'wrong_length',
    ],
    ['no entry', [], 'wrong_length'],
    [
      'a value out of range',
      [
        [0, 1],
        [3, -101],
        [8, 1],
      ],
      'out_of_range',
    ],
    [
      'the least value',
      [
        [0, -32_768],
        [3, 0],
        [8, 0],
      ],
      'out_of_range',
    ],
    [
      'too long together',
      [
        [0, 100],
        [3, -60],
        [8, 1],
      ],
      'norm_exceeded',
    ],
    [
      'everything at once',
      [
        [0, 101],
        [3, 100],
        [3, 100],
      ],
      'out_of_order',
    ],
    [
      'out of range and too long',
      [
        [0, 101],
        [3, 100],
        [4, 100],
      ],
      'out_of_range',
    ],
  ])('[LRN45] %s: %j is %s, in any pieces', (_name, entries, want) => {
    const bytes = encodeEntries({
      indices: Uint32Array.from(entries, ([index]) => index),
      values: Int32Array.from(entries, ([, value]) => value),
    });
    const encoding = encodingOf({ topK: 3 }, DIMENSION);
    for (const cut of [1, 4, 5, 6, 7, 100]) expect(verdict(encoding, GRID, bytes, cut)).toBe(want);
    if (want === 'out_of_order') expect(() => encoding.decode(bytes)).toThrow(refused('out_of_order'));
  });

  it('[LRN45] half an entry is no entry', () => {
    const encoding = encodingOf({ topK: 3 }, DIMENSION);
    expect(verdict(encoding, GRID, new Uint8Array(17))).toBe('wrong_length');
  });
});
