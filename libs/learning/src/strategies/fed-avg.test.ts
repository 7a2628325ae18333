import { describe, expect, it } from '@jest/globals';

import { ExactSum, fedAvg, toGrid, type Grid } from '../index.js';

const grid: Grid = { scale: 2 ** 16, clip: 100 };
const codeOf = (code: string) => expect.objectContaining({ code });

describe('fedAvg', () => {
  it.each([
    { name: 'one device is its own mean', updates: [[[1, -2], 5]], want: [1, -2] },
    { name: 'equal weights', updates: [[[0, 2], 1], [[4, 0], 1]], want: [2, 1] }, // prettier-ignore
    { name: 'weights by level', updates: [[[0, 0], 1], [[4, 8], 3]], want: [3, 6] }, // prettier-ignore
  ] as const)('[LRN11] $name', ({ updates, want }) => {
    const sum = new ExactSum(grid, 2);
    for (const [delta, weight] of updates) sum.add(toGrid(Float64Array.from(delta), grid), weight);
    expect([...fedAvg(sum.values, sum.totalWeight, grid)]).toEqual(want);
  });

  it.each([
    { name: 'nobody came', totalWeight: 0, code: 'empty_cohort' },
    { name: 'a negative weight', totalWeight: -1, code: 'bad_weight' },
    { name: 'a broken weight', totalWeight: 0.5, code: 'bad_weight' },
  ])('[LRN11] refuses: $name', ({ totalWeight, code }) => {
    expect(() => fedAvg(new Float64Array(2), totalWeight, grid)).toThrow(codeOf(code));
  });
});
