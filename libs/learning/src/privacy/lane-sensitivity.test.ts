import { describe, expect, it } from '@jest/globals';

import { laneSensitivity, privacySpent, treeSensitivity, treeVariance, wholeTreeSensitivity } from '../index.js';

/** By its definition: nodes one by one, each lane for itself. */
function byDefinition(steps: readonly number[], separation: number, length: number): number {
  const ofLane = (lane: number): number => {
    let squares = 0;
    for (let size = 1; size <= length; size *= 2) {
      for (let start = 0; start + size <= length; start += size) {
        const below = steps.filter((step) => step % separation === lane && step >= start && step < start + size);
        squares += below.length ** 2;
      }
    }
    return squares;
  };
  return Math.sqrt(Math.max(...Array.from({ length: separation }, (_, lane) => ofLane(lane))));
}

describe('sensitivity of a tree with lanes', () => {
  // Kills: a node above the last complete one; all lanes together; the first lane instead of the largest.
  it.each([
    { length: 8, separation: 1, steps: [0, 1, 2, 3, 4, 5, 6, 7] },
    { length: 13, separation: 2, steps: [1, 3, 4, 6, 7, 11] },
    { length: 24, separation: 3, steps: [1, 2, 4, 5, 7, 8, 10, 22, 23] },
    { length: 21, separation: 5, steps: [20] },
    { length: 21, separation: 4, steps: [] },
    { length: 33, separation: 4, steps: [32, 9, 5, 1, 31, 30] },
  ])('[DPR50] of $steps in $separation lanes is the largest of its lanes', ({ length, separation, steps }) => {
    expect(laneSensitivity({ steps, separation, length })).toBeCloseTo(byDefinition(steps, separation, length), 12);
  });

  it.each([
    { length: 64, separation: 4 },
    { length: 60, separation: 6 },
    { length: 17, separation: 1 },
    { length: 40, separation: 40 },
  ])('[DPR50] of $length whole steps, $separation apart, is never more than that of any such device', (tree) => {
    const { length: steps, separation } = tree;
    const free = treeSensitivity({ steps, separation, participations: Math.ceil(steps / separation) });
    expect(wholeTreeSensitivity(steps, separation)).toBeLessThanOrEqual(free + 1e-12);
  });

  // The rows for single trees in the accountant's tests.
  it.each([
    { sigma: 5, length: 256, separation: 256, epsilon: 2.9545027 },
    { sigma: 5, length: 256, separation: 64, epsilon: 7.9457903 },
    { sigma: 10, length: 1024, separation: 128, epsilon: 7.2124319 },
  ])(
    '[DPR50] ε of $length steps, $separation apart, is the published one',
    ({ sigma, length, separation, epsilon }) => {
      const row = { mechanism: 'gaussian', sigma: sigma / wholeTreeSensitivity(length, separation), count: 1 } as const;
      expect(privacySpent([row], 1e-6).renyi.epsilon).toBeCloseTo(epsilon, 6);
    },
  );

  // docs/robustness.md has this table.
  it.each([
    { length: 64, separation: 1, atEnd: 1.0, onTheWay: 0.37 },
    { length: 64, separation: 16, atEnd: 3.4, onTheWay: 1.25 },
    { length: 64, separation: 64, atEnd: 4.26, onTheWay: 1.56 },
    { length: 256, separation: 64, atEnd: 6.27, onTheWay: 2.03 },
    { length: 1024, separation: 64, atEnd: 7.44, onTheWay: 2.18 },
  ])('[DPR53] at equal ε a model of $length rounds, $separation apart, has $atEnd times less noise', (row) => {
    const { length, separation } = row;
    const rounds = Array.from({ length }, (_, i) => i + 1);
    // Independent noise of √(what one device can do) each, summed; the tree's at the same ε.
    const independent = (t: number): number => Math.sqrt((length / separation) * t);
    const tree = (t: number): number => wholeTreeSensitivity(length, separation) * Math.sqrt(treeVariance(t));
    const typical = (of: (t: number) => number): number =>
      Math.sqrt(rounds.reduce((sum, t) => sum + of(t) ** 2, 0) / length);
    expect(independent(length) / tree(length)).toBeCloseTo(row.atEnd, 2);
    expect(typical(independent) / typical(tree)).toBeCloseTo(row.onTheWay, 2);
  });

  it('[DPR50] is refused for steps that the tree has not, or lanes that are none', () => {
    const refusal = expect.objectContaining({ code: 'bad_strategy' });
    expect(() => laneSensitivity({ steps: [8], separation: 2, length: 8 })).toThrow(refusal);
    expect(() => laneSensitivity({ steps: [1], separation: 0, length: 8 })).toThrow(refusal);
    expect(() => laneSensitivity({ steps: [0.5], separation: 1, length: 8 })).toThrow(refusal);
  });
});
