import { describe, expect, it } from '@jest/globals';

import { seeded } from '#client/testing';

import { cheapestAssignment } from './assignment.js';

const random = seeded(7);
const total = (cost: Float64Array, columns: number, columnOf: readonly number[]): number =>
  columnOf.reduce((sum, column, row) => sum + cost[row * columns + column]!, 0);

/** Every way to give `rows` rows one of the columns each. */
function everyWay(rows: number, columns: number): number[][] {
  if (rows === 0) return [[]];
  return everyWay(rows - 1, columns).flatMap((way) =>
    Array.from({ length: columns }, (_, column) => column)
      .filter((column) => !way.includes(column))
      .map((column) => [...way, column]),
  );
}

describe('the cheapest assignment', () => {
  // Kills: an attack that is weaker than the best one, and makes us look better.
  it.each([
    [1, 1],
    [3, 3],
    [5, 5],
    [3, 6],
    [6, 7],
  ])('[LNK1] is as cheap as the best of all ways: %i of %i', (rows, columns) => {
    for (let i = 0; i < 50; i++) {
      const cost = Float64Array.from(random(rows * columns));
      const found = [...cheapestAssignment(cost, rows, columns)];
      expect(new Set(found).size).toBe(rows);
      const best = Math.min(...everyWay(rows, columns).map((way) => total(cost, columns, way)));
      expect(total(cost, columns, found)).toBe(best);
    }
  });

  it('[LNK1] finds 400 pairs that lie close together among 400', () => {
    const shuffled = [...random(400)].map((byte, i) => [byte, i] as const).sort(([a], [b]) => a - b);
    const cost = new Float64Array(400 * 400);
    shuffled.forEach(([, i], row) => {
      for (let column = 0; column < 400; column++) cost[row * 400 + column] = Math.abs(column - i);
    });
    expect([...cheapestAssignment(cost, 400, 400)]).toEqual(shuffled.map(([, i]) => i));
  });
});
