import { describe, expect, it } from '@jest/globals';

import {
  calibrateNoise,
  composeLosses,
  composeRdp,
  gaussianDelta,
  gaussianEpsilon,
  gaussianLoss,
  groupEpsilon,
  lossEpsilon,
  privacySpent,
  rdpEpsilon,
  rdpOfGaussian,
  renyiEpsilon,
  wouldExceed,
  zeroConcentrated,
  type GaussianRow,
  type LedgerRow,
} from '../index.js';
import { GAUSSIAN, INTEGER_ORDERS, SAMPLED, STATEMENT, TREES } from './reference-epsilons.js';

const codeOf = (code: string) => expect.objectContaining({ code });
const gaussian = (sigma: number, count: number, sampling?: number): GaussianRow => ({
  mechanism: 'gaussian',
  sigma,
  count,
  ...(sampling === undefined ? {} : { sampling }),
});
const expectWithin = (value: number, want: number, relative: number): void =>
  expect(Math.abs(value / want - 1)).toBeLessThanOrEqual(relative);

describe('Gaussian noise without sampling', () => {
  // Kills: σ/k for σ/√k, Φ's second term left out, μ for μ/2.
  it.each(GAUSSIAN)('[DPR5] σ = $sigma, $count times, δ = $delta: ε = $epsilon', ({ epsilon, delta, ...releases }) => {
    expectWithin(gaussianEpsilon(releases, delta), epsilon, 1e-6);
    const exact = gaussianEpsilon(releases, delta);
    expect(gaussianDelta(releases, exact)).toBeLessThanOrEqual(delta);
    expect(gaussianDelta(releases, exact * (1 - 1e-9))).toBeGreaterThan(delta);
  });

  it('[DPR5] k releases cost as much as one with σ/√k, and ρ adds up', () => {
    expect(gaussianEpsilon({ sigma: 8, count: 16 }, 1e-6)).toBeCloseTo(
      gaussianEpsilon({ sigma: 2, count: 1 }, 1e-6),
      12,
    );
    expect(zeroConcentrated({ sigma: 2, count: 3 })).toBe(0.375);
    expect(gaussianEpsilon({ sigma: 1, count: 0 }, 1e-6)).toBe(0);
    expect(gaussianEpsilon({ sigma: 1e9, count: 1 }, 1e-6)).toBe(0);
    expect(gaussianEpsilon({ sigma: 0.001, count: 1 }, 1e-6)).toBeGreaterThan(500_000);
  });

  it.each([0, 1, -1, Number.NaN])('[DPR5] δ = %d is refused', (delta) => {
    expect(() => gaussianEpsilon({ sigma: 1, count: 1 }, delta)).toThrow(codeOf('bad_strategy'));
    expect(() => privacySpent([gaussian(1, 1, 0.1)], delta)).toThrow(codeOf('bad_strategy'));
  });
});

describe('Rényi divergences', () => {
  // Kills: α off by one in the binomial or in 1/(α − 1), log δ missing, e^(j²/2σ²) for e^(j(j−1)/2σ²).
  it.each(SAMPLED)('[DPR6] q = $sampling σ = $sigma $count times, integer orders: $integer', (row) => {
    const curve = composeRdp([{ curve: rdpOfGaussian(row, INTEGER_ORDERS), count: row.count }]);
    expectWithin(rdpEpsilon(curve, row.delta).epsilon, row.integer, 1e-6);
  });

  // dp_accounting adds the terms of its series without their signs, which makes its figures larger by up to 1e-4.
  it.each(SAMPLED)('[DPR6] q = $sampling σ = $sigma $count times, all orders: $renyi', (row) => {
    const epsilon = renyiEpsilon([gaussian(row.sigma, row.count, row.sampling)], row.delta);
    expect(epsilon).toBeLessThan(row.renyi * (1 + 1e-9));
    expect(epsilon).toBeGreaterThan(row.renyi * (1 - 1e-4));
  });

  it('[DPR6] Opacus, whose series has the signs: 7.32911117143', () => {
    expectWithin(renyiEpsilon([gaussian(1.5, 2250, 0.04)], 1e-5), 7.32911117143, 1e-10);
  });

  it('[DPR6] orders between integers join them smoothly, and without sampling it is α/2σ²', () => {
    const { divergences } = rdpOfGaussian({ sigma: 1.1, sampling: 0.02 }, [2.999999, 3, 3.000001]);
    expectWithin((divergences[0]! + divergences[2]!) / 2, divergences[1]!, 1e-9);
    expect(rdpOfGaussian({ sigma: 2 }, [1.5, 8]).divergences).toEqual([0.1875, 1]);
    const nearlyAll = rdpOfGaussian({ sigma: 2, sampling: 1 - 1e-12 }, [1.5, 8]).divergences;
    expectWithin(nearlyAll[0]!, 0.1875, 1e-6);
    expectWithin(nearlyAll[1]!, 1, 1e-6);
  });

  it('[DPR6] the statement with and without sampling, for a device and for somebody with three', () => {
    const { sigma, sampling, count, visits, delta } = STATEMENT;
    const all = { sigma, count: visits };
    const sampled = { sigma, sampling, count };
    expect(groupEpsilon(all, 1, delta)).toBeCloseTo(13.376, 3);
    expect(groupEpsilon(sampled, 1, delta)).toBeCloseTo(1.616, 3);
    expect(groupEpsilon(all, 3, delta)).toBeCloseTo(56.224, 3);
    expect(groupEpsilon(sampled, 3, delta)).toBeCloseTo(6.425, 3);
  });
});

describe('privacy losses', () => {
  // Kills: rounding losses down or to the nearest point, one direction alone, aliasing that is not paid for.
  it.each(SAMPLED)('[DPR7] q = $sampling σ = $sigma $count times: at most 1e-3 above $loss', (row) => {
    const { loss } = privacySpent([gaussian(row.sigma, row.count, row.sampling)], row.delta);
    expect(loss - row.loss).toBeGreaterThanOrEqual(0);
    expect(loss - row.loss).toBeLessThanOrEqual(1e-3);
  });

  it.each([1e-3, 2e-4])('[DPR7] on a grid of %d it stays above the exact figure, by the square of the step', (step) => {
    for (const direction of ['remove', 'add'] as const) {
      const loss = gaussianLoss({ sigma: 8 }, direction, step);
      const epsilon = lossEpsilon(composeLosses([{ loss, count: 8 }]), 1e-6);
      const exact = gaussianEpsilon({ sigma: 8, count: 8 }, 1e-6);
      expect(epsilon).toBeGreaterThan(exact);
      expect(epsilon).toBeLessThan(exact + 12 * step ** 2);
    }
  });

  it('[DPR7] a loss keeps its chances under both neighbours', () => {
    for (const direction of ['remove', 'add'] as const) {
      const { masses, lowest, step, infinite } = gaussianLoss({ sigma: 1, sampling: 0.1 }, direction, 1e-3);
      expect(masses.reduce((sum, p) => sum + p, infinite)).toBeCloseTo(1, 12);
      expect(masses.reduce((sum, p, i) => sum + p * Math.exp(-(lowest + i) * step), 0)).toBeCloseTo(1, 12);
    }
  });

  // Kills: tails cut off for nothing.
  it('[DPR7] claims no ε for a δ below the chance that it cut off', () => {
    const sum = composeLosses([{ loss: gaussianLoss({ sigma: 3 }, 'remove', 1e-3), count: 5 }]);
    expect(lossEpsilon(sum, 5e-14)).toBe(Infinity);
    expect(lossEpsilon(sum, 1e-11)).toBeLessThan(10);
  });

  it('[DPR7] losses too wide for the finest grid get a coarser one, and stay below divergences', () => {
    const { loss, renyi } = privacySpent([gaussian(0.2, 10, 0.1)], 1e-5);
    expect(loss).toBeGreaterThan(20);
    expect(loss).toBeLessThan(renyi.epsilon);
  });
});

describe('trees', () => {
  it.each(TREES)('[DPR8] σ = $sigma, $steps steps, $participations times: ε = $renyi by divergences', (row) => {
    const spent = privacySpent([{ mechanism: 'tree', count: 1, ...row }], 1e-6);
    expectWithin(spent.renyi.epsilon, row.renyi, 1e-6);
    expect(spent.loss).toBeLessThan(spent.renyi.epsilon);
  });
});

describe('ledger', () => {
  const rows: LedgerRow[] = [gaussian(4, 3), gaussian(2, 20, 0.05), gaussian(4, 1)];

  // Kills: the last row left out, counts not multiplied, sampling ignored or taken for granted.
  it('[DPR9] adds up over rows, in any order and however they are cut', () => {
    const whole = privacySpent(rows, 1e-6);
    const cut = privacySpent([gaussian(2, 12, 0.05), gaussian(4, 4), gaussian(2, 8, 0.05)], 1e-6);
    expect(cut.renyi.epsilon).toBeCloseTo(whole.renyi.epsilon, 12);
    expect(cut.loss).toBeCloseTo(whole.loss, 8);
    expect(privacySpent([gaussian(4, 3), gaussian(4, 1)], 1e-6)).toEqual(privacySpent([gaussian(4, 4)], 1e-6));
    expect(whole.rho).toBeNull();
    expect(privacySpent([gaussian(4, 4)], 1e-6).rho).toBeCloseTo(0.125, 12);
    expect(privacySpent([], 1e-6).epsilon).toBe(0);
    expect(privacySpent([gaussian(3, 5, 1)], 1e-6).loss).toBe(privacySpent([gaussian(3, 5)], 1e-6).loss);
  });

  it('[DPR9] ε grows with q, with T, with 1/σ and with 1/δ, by both ways', () => {
    const at = (sigma: number, count: number, sampling: number, delta: number) =>
      privacySpent([gaussian(sigma, count, sampling)], delta);
    const base = at(2, 50, 0.05, 1e-5);
    for (const more of [at(2, 50, 0.06, 1e-5), at(2, 60, 0.05, 1e-5), at(1.9, 50, 0.05, 1e-5), at(2, 50, 0.05, 1e-6)]) {
      expect(more.renyi.epsilon).toBeGreaterThan(base.renyi.epsilon);
      expect(more.loss).toBeGreaterThan(base.loss);
    }
    expect(base.loss).toBeLessThan(base.renyi.epsilon);
    expect(base.epsilon).toBe(base.loss);
    // No sample is worth no less than all.
    expect(at(2, 50, 0.999_999, 1e-5).loss).toBeCloseTo(privacySpent([gaussian(2, 50)], 1e-5).loss, 3);
  });

  // Kills: ≥ for >, the budget compared with what was spent before the next release.
  it('[DPR10] stops exactly at the last release that the budget holds', () => {
    const held: LedgerRow[] = [];
    const epsilon = gaussianEpsilon({ sigma: 5, count: 7 }, 1e-6);
    while (!wouldExceed(held, gaussian(5, 1), { epsilon, delta: 1e-6 })) held.push(gaussian(5, 1));
    expect(held).toHaveLength(7);
    expect(wouldExceed([gaussian(5, 6)], gaussian(5, 1), { epsilon: epsilon * (1 - 1e-9), delta: 1e-6 })).toBe(true);
    expect(wouldExceed([], gaussian(0.01, 1), { epsilon: 8, delta: 1e-6 })).toBe(true);
  });

  it.each([
    gaussian(0, 1),
    gaussian(Number.NaN, 1),
    gaussian(1, -1),
    gaussian(1, 0.5),
    gaussian(1, 1, 1.5),
    gaussian(1, 1, -0.1),
  ])('[DPR9] refuses the row %p', (row) => {
    expect(() => privacySpent([row], 1e-6)).toThrow(codeOf('bad_strategy'));
  });
});

describe('calibration', () => {
  it('[DPR11] finds the least σ by divergences: Opacus, 1.3562', () => {
    const goal = { epsilon: 8, delta: 1e-5, sampling: 0.04, count: 2000 };
    const sigma = calibrateNoise(goal);
    expect(Math.abs(sigma - 1.3562)).toBeLessThanOrEqual(1e-4);
    expect(renyiEpsilon([gaussian(sigma * (1 - 1e-5), 2000, 0.04)], 1e-5)).toBeGreaterThan(8);
    expect(() => calibrateNoise({ ...goal, epsilon: 0 })).toThrow(codeOf('bad_strategy'));
  });

  // Opacus' other accountant says 1.2915: it allows 0.01 for its errors, and its search stops within 0.01 of ε.
  it('[DPR11] needs a little less σ by losses than Opacus by PRV', () => {
    const at = (sigma: number): number => privacySpent([gaussian(sigma, 2000, 0.04)], 1e-5).loss;
    expect(at(1.2915)).toBeLessThan(8);
    expect(at(1.2915)).toBeGreaterThan(8 - 0.02);
  });

  it('[DPR11] by losses it is the σ at which ε is just kept', () => {
    const goal = { epsilon: 2, delta: 1e-5, sampling: 0.1, count: 20 };
    const sigma = calibrateNoise(goal, 'loss');
    expect(privacySpent([gaussian(sigma, 20, 0.1)], 1e-5).loss).toBeLessThanOrEqual(2);
    expect(privacySpent([gaussian(sigma * (1 - 2e-5), 20, 0.1)], 1e-5).loss).toBeGreaterThan(2);
    expect(sigma).toBeLessThan(calibrateNoise(goal));
  });
});
