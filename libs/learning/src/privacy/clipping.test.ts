import { describe, expect, it } from '@jest/globals';

import {
  adaptClip,
  localDeviation,
  meanDeviation,
  multiplierBesideCount,
  nextClip,
  seededBytes,
  sumMultiplier,
} from '../index.js';

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

describe('bits with noise', () => {
  const RULE = { targetUnclipped: 0.5, learningRate: 0.2, countNoise: 2, minClip: 0.5, maxClip: 8 };
  const bytes = (...numbers: number[]) =>
    seededBytes(
      Uint8Array.from({ length: 32 }, (_, i) => i),
      'bits',
      ...numbers,
    );

  // Kills: bits that count 0 or 1, with noise whose neighbours are half an integer apart; noise of σ_b on what a device
  // changes by 1, which is half of what it must be.
  it('[DPR47] the number of bits has noise of σ_b, in halves: ±1 a device, and 2σ_b on that', () => {
    const draws = Array.from({ length: 4000 }, (_, i) => {
      const { unclipped } = adaptClip({ clip: 1, within: 30, updates: 50 }, RULE, bytes(i));
      return 2 * (50 * unclipped - 30);
    });
    for (const twice of draws) expect(twice).toBeCloseTo(Math.round(twice), 9);
    expect(new Set(draws.map((twice) => Math.abs(Math.round(twice) % 2)))).toEqual(new Set([0, 1]));
    const deviation = Math.sqrt(draws.reduce((sum, twice) => sum + twice ** 2, 0) / draws.length) / 2;
    expect(deviation).toBeGreaterThan(0.94 * RULE.countNoise);
    expect(deviation).toBeLessThan(1.06 * RULE.countNoise);
  });

  // Kills: the wrong sign; a clip that leaves its bounds; one that no record can say.
  it('[DPR47] the next clip follows from the noisy share alone, within bounds and in millionths', () => {
    for (const [clip, within] of [
      [1, 0],
      [1, 20],
      [1, 40],
      [0.51, 40],
      [7.9, 0],
    ] as const) {
      // prettier-ignore
      const { unclipped, nextClip } = adaptClip({ clip, within, updates: 40 }, RULE, bytes(within));
      const free = clip * Math.exp(-0.2 * (unclipped - 0.5));
      expect(nextClip).toBeCloseTo(Math.min(8, Math.max(0.5, free)), 6);
      expect(Math.round(nextClip * 1e6) / 1e6).toBe(nextClip);
    }
    expect(() => adaptClip({ clip: 1, within: 2, updates: 1 }, RULE, bytes())).toThrow(codeOf('bad_strategy'));
    expect(() => adaptClip({ clip: 1, within: 0, updates: 0 }, RULE, bytes())).toThrow(codeOf('bad_strategy'));
  });

  it.each([0.6, 7])('[DPR47] from %d it finds the median of the norms through the noise', (start) => {
    const norms = Array.from({ length: 40 }, (_, i) => 1 + i / 20);
    let clip = start;
    const later: number[] = [];
    for (let round = 0; round < 150; round++) {
      const within = norms.filter((norm) => norm <= clip).length;
      clip = adaptClip({ clip, within, updates: 40 }, RULE, bytes(round, 1)).nextClip;
      if (round >= 50) later.push(clip);
    }
    const mean = later.reduce((sum, one) => sum + one, 0) / later.length;
    expect(mean).toBeLessThan(2.2);
    expect(mean).toBeGreaterThan(1.8);
  });

  it('[DPR42] the sum’s noise makes room for the bits’, and is σ where there are none', () => {
    expect(sumMultiplier(2, undefined)).toBe(2);
    // A row of the ledger with less for the sum than for all would not be stored.
    for (let sigma = 0.01; sigma < 1000; sigma *= 1.37)
      expect(sumMultiplier(sigma, { countNoise: 1_000_000 })).toBeGreaterThanOrEqual(sigma);
    expect(sumMultiplier(2, RULE)).toBeCloseTo((1 / 4 - 1 / 16) ** -0.5, 12);
    expect(sumMultiplier(2, RULE) ** -2 + 4 ** -2).toBeCloseTo(2 ** -2, 12);
  });
});
