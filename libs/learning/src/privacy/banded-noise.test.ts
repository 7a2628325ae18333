import { describe, expect, it } from '@jest/globals';

import {
  addDiscreteGaussian,
  bandedFactor,
  bandedSensitivity,
  bandedVariances,
  decodeVectors,
  encodeVectors,
  factorNorm,
  NO_BANDS_YET,
  recentSteps,
  releaseBanded,
  seedAfter,
  seededBytes,
  toDeviation,
  wholeBandedSensitivity,
  type BandedNoise,
} from '../index.js';

const SEED = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);

/** The noise of each of these steps; what is kept goes through its bytes. */
function released(
  steps: readonly number[],
  { sigma, dimension, bands }: { sigma: number; dimension: number; bands: number },
) {
  let under: BandedNoise = { state: NO_BANDS_YET, seed: SEED };
  return steps.map((step) => {
    const { noise, next } = releaseBanded(under, { step, deviation: toDeviation(sigma), dimension, bands });
    const { steps: passed, recent } = next.state;
    const kept = decodeVectors(encodeVectors(recent, dimension), recentSteps(passed, bands), dimension);
    under = { seed: next.seed, state: { steps: passed, recent: kept } };
    return noise;
  });
}

/** C, T by T. */
const matrix = (bands: number, T: number): number[][] =>
  Array.from({ length: T }, (_, t) => Array.from({ length: T }, (_, s) => bandedFactor(bands)[t - s] ?? 0));

describe('noise of a banded factor', () => {
  it('[DPR60] the factor is the square root of all ones, cut off, in whole numbers of 1/64', () => {
    expect(bandedFactor(6)).toEqual([64, 32, 24, 20, 18, 16]);
    // Whole, it would be a square root: C·C is all ones below the diagonal, but for the rounding.
    const c = bandedFactor(40).map((share) => share / 64);
    for (let t = 0; t < 40; t++) {
      const entry = c.slice(0, t + 1).reduce((sum, share, j) => sum + share * c[t - j]!, 0);
      expect(Math.abs(entry - 1)).toBeLessThan(0.08);
    }
    expect(() => bandedFactor(0)).toThrow(expect.objectContaining({ code: 'bad_strategy' }));
    expect(() => bandedFactor(65)).toThrow(expect.objectContaining({ code: 'bad_strategy' }));
  });

  // Kills: rounding by what is not public; a band too few or too many; gaps that are not counted.
  it.each([
    { bands: 1, steps: [0, 1, 2, 5] },
    { bands: 4, steps: [0, 1, 2, 3, 4, 5, 6, 7, 8] },
    { bands: 4, steps: [2, 3, 6, 20, 21, 23] },
    { bands: 7, steps: [0, 9, 10, 16, 17] },
  ])('[DPR60] is computed from C·x + z and earlier releases alone: $bands bands, steps $steps', ({ bands, steps }) => {
    const [sigma, dimension] = [5000, 6];
    const noises = released(steps, { sigma, dimension, bands });
    const x = (step: number, i: number): number => ((step * 7919 + i * 104_729) % 20_011) - 10_000;
    const factor = bandedFactor(bands);
    const releases = new Map<number, number[]>();
    for (const [n, step] of steps.entries()) {
      let at: Uint8Array = SEED;
      for (let passed = 0; passed < step; passed++) at = seedAfter(at);
      const here = at;
      const z = new Float64Array(dimension);
      addDiscreteGaussian(z, { deviation: toDeviation(sigma), bytesOf: (block) => seededBytes(here, 'bands', block) });
      const release = Array.from(z, (noise, i) => {
        const with_ = (of: (step: number) => number, from: number): number =>
          steps
            .filter((s) => s <= step)
            .reduce((sum, s) => sum + (step - s < from ? 0 : (factor[step - s] ?? 0) * of(s)), 0);
        const answer = noise + with_((s) => x(s, i), 0);
        return Math.floor((answer - with_((s) => releases.get(s)?.[i] ?? 0, 1)) / 64 + 0.5);
      });
      releases.set(step, release);
      expect(Array.from(noises[n]!, (noise, i) => noise + x(step, i))).toEqual(release);
    }
  });

  // Kills: the norm left out; counting releases of all lanes; the first lane instead of the fullest.
  it.each([
    { T: 12, separation: 4, bands: 4, steps: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
    { T: 12, separation: 5, bands: 3, steps: [1, 4, 6, 9, 11] },
    { T: 9, separation: 3, bands: 3, steps: [] },
  ])(
    '[DPR61] no lane moves C·x by more than √n times the norm of a column: $steps',
    ({ T, separation, bands, steps }) => {
      const c = matrix(bands, T);
      const ofLane = (lane: number): number => {
        const x = Array.from({ length: T }, (_, t) => Number(steps.includes(t) && t % separation === lane));
        // Whatever the signs: columns of a lane have no row in common.
        return Math.hypot(...c.map((row) => row.reduce((sum, share, s) => sum + share * x[s]!, 0)));
      };
      const most = Math.max(...Array.from({ length: separation }, (_, lane) => ofLane(lane)));
      const bound = bandedSensitivity({ steps, separation }) * factorNorm(bands);
      expect(most).toBeLessThanOrEqual(bound + 1e-9);
      // Exact where no column is cut off by the end.
      const inner = steps.filter((step) => step + bands <= T);
      if (inner.length === steps.length) expect(most).toBeCloseTo(bound, 9);
      expect(bound).toBeLessThanOrEqual(wholeBandedSensitivity(T, separation) * factorNorm(bands) + 1e-9);
    },
  );

  // docs/robustness.md has this table.
  it.each([
    { length: 64, separation: 16, bands: 16, atEnd: 2.72, onTheWay: 2.41 },
    { length: 256, separation: 64, bands: 16, atEnd: 3.07, onTheWay: 2.94 },
    { length: 1024, separation: 64, bands: 16, atEnd: 3.17, onTheWay: 3.14 },
    { length: 1024, separation: 64, bands: 64, atEnd: 5.48, onTheWay: 5.18 },
  ])('[DPR62] at equal ε a model of $length rounds with $bands bands has $atEnd times less noise', (row) => {
    const { length, separation, bands } = row;
    const variances = bandedVariances(bands, length);
    const moves = wholeBandedSensitivity(length, separation);
    const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((a, b) => a + b, 0) / values.length);
    const independent = (t: number): number => moves ** 2 * t;
    const banded = variances.map((variance) => (moves * factorNorm(bands)) ** 2 * variance);
    expect(Math.sqrt(independent(length) / banded.at(-1)!)).toBeCloseTo(row.atEnd, 2);
    expect(rms(banded.map((_, t) => independent(t + 1))) / rms(banded)).toBeCloseTo(row.onTheWay, 2);
  });

  it('[DPR62] the noise on a sum of rounds is as large as the formula says', () => {
    const [length, bands, sigma, dimension] = [48, 6, 4000, 4000];
    const sums = new Float64Array(dimension);
    const noises = released(
      Array.from({ length }, (_, t) => t),
      { sigma, dimension, bands },
    );
    const variances = bandedVariances(bands, length);
    noises.forEach((noise, t) => {
      noise.forEach((d, i) => (sums[i]! += d));
      const variance = sums.reduce((sum, d) => sum + d * d, 0) / dimension;
      expect(Math.abs(variance / (variances[t]! * sigma ** 2) - 1)).toBeLessThan(6 * Math.sqrt(2 / dimension));
    });
  });

  it('[DPR60] goes forward only', () => {
    const release = { step: 3, deviation: toDeviation(3), dimension: 2, bands: 2 };
    const { next } = releaseBanded({ state: NO_BANDS_YET, seed: SEED }, release);
    expect(() => releaseBanded(next, release)).toThrow(RangeError);
  });
});
