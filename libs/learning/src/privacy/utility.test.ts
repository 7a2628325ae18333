import { describe, expect, it } from '@jest/globals';

import { l2Norm, maxStochasticNorm, noiseOnMean, sensitivity, toGrid } from '../index.js';

const codeOf = (code: string) => expect.objectContaining({ code });
const mean = (devices: number, sigma = 1, dimension = 10_000) =>
  noiseOnMean({ grid: { scale: 2 ** 16, clip: 1 }, dimension, devices, sigma });

describe('sensitivity', () => {
  // Kills: √d/2 left out, √d for √d/2, the clip without its scale.
  it('[DPR14] is C·s + √d/2 in grid steps, times the largest weight', () => {
    expect(sensitivity({ scale: 2 ** 16, clip: 1 }, 10_000) / 2 ** 16 - 1).toBeCloseTo(0.0008, 4);
    expect(sensitivity({ scale: 2 ** 8, clip: 1 }, 10_000) / 2 ** 8 - 1).toBeCloseTo(0.2, 2);
    expect(sensitivity({ scale: 100, clip: 2 }, 4, 3)).toBe(603);
  });

  // Kills: the bound of int32 for what rounds by lot; all d coordinates where k travel.
  it('[DPR14] is the bound of the encoding', () => {
    const grid = { scale: 100, clip: 1 };
    expect(sensitivity(grid, 10_000, 2, 'int8')).toBe(2 * maxStochasticNorm(grid, 10_000));
    expect(sensitivity(grid, 10_000, 1, { topK: 100 })).toBe(maxStochasticNorm(grid, 100));
    const noise = { grid, dimension: 10_000, devices: 100, sigma: 1 };
    const [sparse, dense] = [noiseOnMean({ ...noise, encoding: { topK: 100 } }), noiseOnMean(noise)];
    expect(sparse.perCoordinate).toBeCloseTo(maxStochasticNorm(grid, 100) / 10_000, 9);
    expect(sparse.l2).toBe(100 * sparse.perCoordinate);
    expect(dense.perCoordinate).toBe(0.015);
  });

  it('[DPR14] is hardly more than the norm of an update that is clipped and rounds up everywhere', () => {
    // Each coordinate becomes 2.5008 grid steps, then 3.
    const grid = { scale: 100, clip: 1 };
    const norm = l2Norm(Float64Array.from(toGrid(new Float64Array(1599).fill(1), grid)));
    expect(norm).toBeGreaterThan(0.999 * sensitivity(grid, 1599));
    expect(norm).toBeLessThanOrEqual(sensitivity(grid, 1599));
  });
});

describe('noise on the mean', () => {
  // Kills: √d left out of the norm, n for √n, the warning at another share.
  it('[DPR15] of 100 devices, σ = 1 and 10,000 parameters it is the whole clip: useless, and says so', () => {
    const noise = mean(100);
    expect(noise.perCoordinate).toBeCloseTo(0.01, 4);
    expect(noise.l2).toBeCloseTo(1, 2);
    expect(noise.shareOfClip).toBeCloseTo(1, 2);
    expect(noise.warning).toMatch(/^The noise on the mean is 1\.0 times the clip/);
    expect(noise.warning).toMatch(
      /at least 201 devices a round, not 100; at most 2496 parameters, not 10000; or a noise multiplier of 0\.499, not 1,/,
    );
  });

  it('[DPR15] of 5,000 devices it is 0.02 of the clip, and nothing is said', () => {
    expect(mean(5000).shareOfClip).toBeCloseTo(0.02, 4);
    expect(mean(5000).warning).toBeNull();
  });

  it('[DPR15] each advice is enough, and none is given at the border', () => {
    expect(mean(201).warning).toBeNull();
    expect(mean(100, 1, 2496).warning).toBeNull();
    expect(mean(100, 0.499).warning).toBeNull();
    expect(mean(200).warning).not.toBeNull();
    expect(mean(100, 0).shareOfClip).toBe(0);
    expect(() => mean(0)).toThrow(codeOf('bad_strategy'));
    expect(() => mean(10, -1)).toThrow(codeOf('bad_strategy'));
  });
});
