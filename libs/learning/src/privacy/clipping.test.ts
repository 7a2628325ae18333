import { describe, expect, it } from '@jest/globals';

import { localDeviation, meanDeviation, multiplierBesideCount, nextClip } from '../index.js';

const codeOf = (code: string) => expect.objectContaining({ code });

describe('adaptive clipping', () => {
  // Kills: the sign the other way round, with which the clip runs to zero or to infinity.
  it.each([0.1, 0.9, 1.1, 3])('[DPR1] from %d it finds the median of the norms and stays there', (start) => {
    const norms = Array.from({ length: 201 }, (_, i) => 0.5 + i / 200);
    let clip = start;
    for (let round = 0; round < 100; round++) {
      const unclipped = norms.filter((norm) => norm <= clip).length / norms.length;
      clip = nextClip(clip, unclipped, { targetUnclipped: 0.5, learningRate: 0.2 });
    }
    expect(clip).toBeGreaterThan(0.95);
    expect(clip).toBeLessThan(1.05);
  });

  it('[DPR1] noise on the count takes its part from the noise on the sum, or is too little', () => {
    expect(multiplierBesideCount(1, 5)).toBeCloseTo(1 / Math.sqrt(0.99), 12);
    expect(multiplierBesideCount(0, 0)).toBe(0);
    expect(() => multiplierBesideCount(1, 0.5)).toThrow(codeOf('bad_strategy'));
    expect(meanDeviation(2, 3, 12)).toBe(0.5);
    expect(localDeviation(2, 0.5, 1.25 / Math.E ** 2)).toBeCloseTo(8, 12);
  });
});
