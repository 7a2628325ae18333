import { describe, expect, it } from '@jest/globals';

import { ExactSum, fedAvg, serverStep, toGrid, type Grid } from '../index.js';

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

describe('serverStep', () => {
  const current = Float32Array.of(1, 2);

  it('[LRN12] adds in float64 and rounds once', () => {
    // Kills the mutant that rounds the aggregate to float32 before it adds: 1 + 2^-24 + 2^-50 would tie to 1.
    const next = serverStep({ current }, Float64Array.of(2 ** -24 + 2 ** -50, 0.5));
    expect([...next]).toEqual([1 + 2 ** -23, 2.5]);
    expect([...current]).toEqual([1, 2]);
  });

  it('[LRN12] with momentum takes the last step again: FedAvgM over three rounds', () => {
    // Velocity by the book: v₁ = 1, v₂ = 0.5·1 + 1, v₃ = 0.5·1.5 + 1.
    const step = { learningRate: 2, momentum: 0.5 };
    let previous: Float32Array = Float32Array.of(0);
    let model = serverStep({ current: previous }, Float64Array.of(1), step);
    for (let round = 2; round <= 3; round++) {
      const next = serverStep({ current: model, previous }, Float64Array.of(1), step);
      [previous, model] = [model, next];
    }
    expect([...model]).toEqual([2 * (1 + 1.5 + 1.75)]);
  });

  it.each([
    { name: 'another length', aggregate: [0], step: {}, code: 'dimension_mismatch' },
    { name: 'a parameter beyond float32', aggregate: [0, 1e39], step: {}, code: 'not_finite' },
    { name: 'NaN', aggregate: [NaN, 0], step: {}, code: 'not_finite' },
    { name: 'a rate of zero', aggregate: [0, 0], step: { learningRate: 0 }, code: 'bad_step' },
    { name: 'momentum one', aggregate: [0, 0], step: { momentum: 1 }, code: 'bad_step' },
  ])('[LRN12] refuses $name', ({ aggregate, step, code }) => {
    expect(() => serverStep({ current }, Float64Array.from(aggregate), step)).toThrow(codeOf(code));
  });
});
