import { describe, expect, it } from '@jest/globals';

import {
  addDiscreteGaussian,
  bernoulliExp,
  bernoulliGauss,
  discreteGaussian,
  NOISE_BLOCK,
  RandomCoins,
  seededBytes,
  toDeviation,
  type Coins,
  type Deviation,
} from '../index.js';

const codeOf = (code: string) => expect.objectContaining({ code });
const SEED = Uint8Array.from({ length: 32 }, (_, i) => i);
const DRAWS = process.env.STARLING_K === 'full' ? 1_000_000 : 200_000;

/** Exact probability of every result of `run`, by walking its tree of coins; branches lighter than `least` are cut. */
function enumerate<T>(run: (coins: Coins) => T, least: number): { chance: Map<T, number>; cut: number } {
  const chance = new Map<T, number>();
  let cut = 0;
  const open: { path: number[]; mass: number }[] = [{ path: [], mass: 1 }];
  for (let branch = open.pop(); branch; branch = open.pop()) {
    const { path, mass } = branch;
    if (mass < least) {
      cut += mass;
      continue;
    }
    let at = 0;
    const choose = (chances: number[]): number => {
      if (at < path.length) return path[at++]!;
      chances.forEach((p, choice) => p > 0 && open.push({ path: [...path, choice], mass: mass * p }));
      throw open;
    };
    try {
      const result = run({
        below: (n) => choose(Array.from({ length: n }, () => 1 / n)),
        bernoulli: (n, d) => choose([1 - n / d, n / d]) === 1,
        bernoulliExp: (n, d) => choose([1 - Math.exp(-n / d), Math.exp(-n / d)]) === 1,
        bernoulliGauss: (n, d) => choose([1 - Math.exp(-((n / d) ** 2) / 2), Math.exp(-((n / d) ** 2) / 2)]) === 1,
      });
      chance.set(result, (chance.get(result) ?? 0) + mass);
    } catch (thrown) {
      if (thrown !== open) throw thrown;
    }
  }
  return { chance, cut };
}

/** One round of the sampler: its draw, or `again` where it starts over, which it does by the coin it starts with. */
function oncePast(coins: Coins, deviation: Deviation): number | 'again' {
  let proposed = false;
  const again = new Error('again');
  try {
    return discreteGaussian(
      {
        ...coins,
        below: (n) => {
          proposed = true;
          return coins.below(n);
        },
        bernoulliExp: (n, d) => {
          if (proposed && n === 1 && d === 1) throw again;
          return coins.bernoulliExp(n, d);
        },
      },
      deviation,
    );
  } catch (thrown) {
    if (thrown === again) return 'again';
    throw thrown;
  }
}

/** P(x) for x from −reach to reach. */
function pmf({ numerator, denominator }: Deviation, reach: number): Map<number, number> {
  const weight = (x: number): number => Math.exp(-((x * denominator) ** 2) / (2 * numerator ** 2));
  const xs = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const total = xs.reduce((sum, x) => sum + weight(x), 0);
  return new Map(xs.map((x) => [x, weight(x) / total]));
}

const draw = (deviation: Deviation, count: number): Float64Array => {
  const values = new Float64Array(count);
  addDiscreteGaussian(values, { deviation, bytesOf: (block) => seededBytes(SEED, 'test', block) });
  return values;
};

describe('coins', () => {
  // Kills: a digit taken for decided too early or too late (≥ for >), and anything rounded.
  it.each([
    [0, 7],
    [1, 3],
    [5, 8],
    [6, 7],
    [7, 7],
  ])('[DPR2] a coin of %d/%d shows heads for exactly its share of all first two bytes', (n, d) => {
    let heads = 0;
    let open = 0;
    for (let two = 0; two < 65_536; two++) {
      const bytes = [two >> 8, two & 255];
      const coins = new RandomCoins(() => {
        const next = bytes.shift();
        if (next === undefined) throw bytes;
        return Uint8Array.of(next);
      });
      try {
        if (coins.bernoulli(n, d)) heads += 1;
      } catch {
        open += 1;
      }
    }
    expect(heads).toBe(Math.floor((n * 65_536) / d));
    expect(open).toBe((n * 65_536) % d === 0 ? 0 : 1);
  });

  it('[DPR2] a uniform draw takes each value for the same number of bytes', () => {
    const counts = new Array<number>(10).fill(0);
    let again = 0;
    for (let byte = 0; byte < 256; byte++) {
      const bytes = [byte];
      const coins = new RandomCoins(() => {
        const next = bytes.shift();
        if (next === undefined) throw bytes;
        return Uint8Array.of(next);
      });
      try {
        counts[coins.below(10)]! += 1;
      } catch {
        again += 1;
      }
    }
    expect({ counts, again }).toEqual({ counts: new Array(10).fill(25), again: 6 });
  });

  // Kills: the parity the other way round; γ/(k + 1) for γ/k; γ² for γ²/2.
  it.each([
    [1, 1],
    [1, 2],
    [3, 7],
    [0, 5],
  ])('[DPR2] coins of exp(−γ) and exp(−γ²/2), γ = %d/%d, have these chances', (n, d) => {
    const exp = enumerate((coins) => bernoulliExp(coins, n, d), 1e-15);
    const gauss = enumerate((coins) => bernoulliGauss(coins, n, d), 1e-15);
    expect(Math.max(exp.cut, gauss.cut)).toBeLessThan(1e-14);
    expect(exp.chance.get(true)).toBeCloseTo(Math.exp(-n / d), 13);
    expect(gauss.chance.get(true)).toBeCloseTo(Math.exp(-((n / d) ** 2) / 2), 13);
  });
});

describe('discrete Gaussian', () => {
  // Kills: a second zero, a restart that keeps v, a residue of +m·v, exp(−w²/m²), a proposal of other weight.
  it.each([
    { numerator: 1, denominator: 1 },
    { numerator: 3, denominator: 1 },
    { numerator: 5, denominator: 3 },
    { numerator: 2, denominator: 3 },
  ])('[DPR3] with σ = %p every integer has its exact chance, by all paths through the sampler', (deviation) => {
    const { chance, cut } = enumerate((coins) => oncePast(coins, deviation), 1e-15);
    expect(cut).toBeLessThan(1e-11);
    const kept = 1 - chance.get('again')!;
    for (const [x, p] of pmf(deviation, 40)) expect((chance.get(x) ?? 0) / kept).toBeCloseTo(p, 10);
  });

  // Kills: floats in the sampler that favour some integers; a continuous draw rounded; a biased sign.
  it.each([0.8, 3.3, 20])('[DPR3] draws with σ = %d fit the exact pmf', (sigma) => {
    const deviation = toDeviation(sigma);
    const seen = new Map<number, number>();
    for (const x of draw(deviation, DRAWS)) seen.set(x, (seen.get(x) ?? 0) + 1);
    let chiSquare = 0;
    let cells = 0;
    let rest = DRAWS;
    let expectedRest = DRAWS;
    for (const [x, p] of pmf(deviation, Math.ceil(12 * sigma))) {
      if (p * DRAWS < 10) continue;
      chiSquare += ((seen.get(x) ?? 0) - p * DRAWS) ** 2 / (p * DRAWS);
      cells += 1;
      rest -= seen.get(x) ?? 0;
      expectedRest -= p * DRAWS;
    }
    if (expectedRest >= 1) chiSquare += (rest - expectedRest) ** 2 / expectedRest;
    // Wilson and Hilferty: (χ²/k)^⅓ is normal with mean 1 − 2/9k; 3.719 is p = 10^-4.
    const spread = 2 / (9 * cells);
    expect((Math.cbrt(chiSquare / cells) - (1 - spread)) / Math.sqrt(spread)).toBeLessThan(3.719);
  });

  it.each([1, 100.25, 1e5, 1e8])('[DPR3] mean and variance with σ = %d are within five deviations', (sigma) => {
    const values = draw(toDeviation(sigma), DRAWS);
    const mean = values.reduce((sum, x) => sum + x, 0) / DRAWS;
    const variance = values.reduce((sum, x) => sum + x * x, 0) / DRAWS;
    expect(Math.abs(mean)).toBeLessThan((5 * sigma) / Math.sqrt(DRAWS));
    expect(Math.abs(variance / sigma ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / DRAWS));
    expect(values.every(Number.isSafeInteger)).toBe(true);
  });

  it('[DPR3] σ becomes a fraction that is not below it', () => {
    for (const sigma of [2 ** -10, 0.1, 1, Math.PI, 1e5 + 0.3, 2 ** 39]) {
      const { numerator, denominator } = toDeviation(sigma);
      expect(numerator / denominator).toBeGreaterThanOrEqual(sigma);
      expect(numerator / denominator).toBeLessThan(sigma * (1 + 2 ** -28));
      expect(Math.max(numerator, denominator)).toBeLessThanOrEqual(2 ** 40);
    }
    expect(() => toDeviation(Number.NaN)).toThrow(codeOf('bad_strategy'));
    expect(() => toDeviation(0)).toThrow(codeOf('bad_strategy'));
  });

  // Kills: noise drawn anew after a crash; a stream shared by two blocks.
  it('[DPR4] a seed gives the same noise on every machine, and any slice of it by blocks', () => {
    const source = { deviation: toDeviation(1000), bytesOf: (block: number) => seededBytes(SEED, 'noise', 7, block) };
    const whole = new Float64Array(2 * NOISE_BLOCK + 3);
    addDiscreteGaussian(whole, source);
    expect([...whole.subarray(0, 6)]).toEqual([1183, 1005, -662, -358, -24, 751]);
    const tail = new Float64Array(NOISE_BLOCK + 3).fill(10);
    addDiscreteGaussian(tail, source, 1);
    expect(tail.map((x) => x - 10)).toEqual(whole.subarray(NOISE_BLOCK));
    expect(whole.subarray(0, NOISE_BLOCK)).not.toEqual(whole.subarray(NOISE_BLOCK, 2 * NOISE_BLOCK));
  });

  it('[DPR4] seeds, purposes and numbers each have bytes of their own', () => {
    const other = SEED.with(0, 9);
    const streams = [
      seededBytes(SEED, 'noise', 1, 2),
      seededBytes(SEED, 'noise', 12),
      seededBytes(SEED, 'noise', 1, 3),
      seededBytes(SEED, 'tree', 1, 2),
      seededBytes(other, 'noise', 1, 2),
    ].map((bytes) => bytes(16).join());
    expect(new Set(streams).size).toBe(streams.length);
    expect(() => seededBytes(new Uint8Array(31), 'noise')).toThrow(codeOf('wrong_length'));
  });
});
