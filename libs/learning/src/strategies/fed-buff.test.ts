import { describe, expect, it } from '@jest/globals';

import { BOOK, divisorOf, ExactSum, fedAvg, initialState, Strategies, toGrid, type Grid } from '../index.js';

const grid: Grid = { scale: 2 ** 16, clip: 100 };
const book = new Strategies(BOOK);

/** A model of one parameter, after a buffer of updates [δ, τ]. */
function stepOf(options: object, x: number, ...buffer: readonly (readonly [delta: number, tau: number])[]): number {
  const { aggregator, optimizer, weightLevels } = book.make({ name: 'FedBuff', ...options });
  if (aggregator.reads !== 'sum') throw new Error('it reads sums');
  const sum = new ExactSum(grid, 1);
  for (const [delta, tau] of buffer) sum.add(toGrid(Float64Array.of(delta), grid), weightLevels![tau]!);
  const aggregate = fedAvg(sum.values, divisorOf(aggregator, sum), grid);
  return optimizer.step(Float64Array.of(x), aggregate, initialState(1)).x[0]!;
}

describe('FedBuff', () => {
  // Kills: dividing by Σ w, with which a buffer of stale updates makes as large a step as one of fresh ones.
  it.each([
    { name: 'fresh updates: the plain mean', buffer: [[1, 0], [3, 0]], want: 12 },
    { name: 'stale updates make a smaller step', buffer: [[2, 3], [2, 3]], want: 11 },
    { name: 'a stale one among fresh ones', buffer: [[4, 0], [4, 3]], want: 13 },
  ] as const)('[ASY1] $name', ({ buffer, want }) => {
    expect(stepOf({}, 10, ...buffer)).toBe(want);
  }); // prettier-ignore

  it('[ASY1] the server learning rate multiplies the step, and momentum carries it on', () => {
    expect(stepOf({ serverLearningRate: 0.5 }, 10, [1, 0], [3, 0])).toBe(11);
    const { optimizer } = book.make({ name: 'FedBuff', momentum: 0.5 });
    const first = optimizer.step(Float64Array.of(0), Float64Array.of(1), initialState(1));
    expect([...optimizer.step(first.x, Float64Array.of(1), first.state).x]).toEqual([2.5]);
    expect(book.make({ name: 'FedBuff' }).optimizer.moments).toBe(0);
  });

  it('[ASY2] weight levels are 1000/√(1 + τ) in whole numbers, from fresh to the staleness allowed', () => {
    expect(book.make({ name: 'FedBuff', maxStaleness: 7 }).weightLevels).toEqual([
      ...[1000, 707, 577, 500],
      ...[447, 408, 378, 354],
    ]);
    expect(book.make({ name: 'FedBuff' }).weightLevels).toHaveLength(5);
    expect(book.make({ name: 'FedBuff', maxStaleness: 0 }).weightLevels).toEqual([1000]);
  });
});
