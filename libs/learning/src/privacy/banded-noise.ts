import { LearningError } from '../errors.js';
import { addDiscreteGaussian, type Deviation } from './discrete-gaussian.js';
import { seedAfter, type NextRelease } from './noisy-tree.js';
import { seededBytes } from './seeded-bytes.js';

/** A power of two, so that dividing by it is exact. */
const UNIT = 64;

/**
 * A banded factor C of the running sum: the lower triangular Toeplitz matrix of the square root of all ones, cut off
 * after `bands` diagonals, in whole numbers. Its first column, `bands` numbers, is 64 times 1, 1/2, 3/8, 5/16, …
 *
 * @throws LearningError `bad_strategy`
 * @see Choquette-Choo et al. 2023, https://arxiv.org/abs/2306.08153; Kalinin and Lampert 2024, https://arxiv.org/abs/2405.13763
 */
export function bandedFactor(bands: number): readonly number[] {
  if (!Number.isSafeInteger(bands) || bands < 1 || bands > MOST_BANDS) {
    throw new LearningError('bad_strategy', `a factor of ${bands} bands, of 1 to ${MOST_BANDS}`);
  }
  let share = 1;
  return Array.from({ length: bands }, (_, j) => {
    if (j > 0) share *= (2 * j - 1) / (2 * j);
    return Math.round(UNIT * share);
  });
}

export const MOST_BANDS = 64;

/** L2 norm of the factor's columns: what one update of norm 1 changes in C·x. */
export const factorNorm = (bands: number): number => Math.hypot(...bandedFactor(bands));

/**
 * Variance of the noise on the sum of the first t releases, over that of z, for t from 1 to `rounds` without a gap: squares
 * of the rows of A·C⁻¹. With independent noise it would be t.
 *
 * @returns length `rounds`
 * @throws LearningError `bad_strategy`, as `bandedFactor`
 */
export function bandedVariances(bands: number, rounds: number): number[] {
  const factor = bandedFactor(bands);
  const inverse: number[] = [];
  for (let t = 0; t < rounds; t++) {
    const rest = factor.slice(1, t + 1).reduce((sum, share, j) => sum + share * inverse[t - 1 - j]!, 0);
    inverse.push(((t === 0 ? 1 : 0) - rest) / factor[0]!);
  }
  let [sum, variance] = [0, 0];
  return inverse.map((share) => {
    sum += share;
    return (variance += sum * sum);
  });
}

/** What is kept of banded noise. Secret. */
export interface BandedState {
  /** steps so far */
  readonly steps: number;
  /** noise that the last steps' releases have, the latest first: as many as there are steps, `bands` − 1 at most */
  readonly recent: readonly Float64Array[];
}

export const NO_BANDS_YET: BandedState = { steps: 0, recent: [] };

/** Banded noise under way; the seed is the next step's, hashed out of the one before. */
export interface BandedNoise {
  readonly state: BandedState;
  readonly seed: Uint8Array;
}

/**
 * The noise of the next release: d = round((z − Σ c_j·d(t−j)) / c_0), over the steps j back that had data, with discrete
 * Gaussian z. What is private is y = C·x + z, whole numbers: the release x + d is round((y − Σ c_j·(release j back)) / c_0),
 * computed from y and what is public, so the rounding costs no privacy. The releases add up to A·C⁻¹·y: their noise cancels.
 * Devices are `bands` steps apart at least, so their columns of C do not overlap.
 *
 * @param deviation  of z: σ · sensitivity of x · `factorNorm`
 * @throws RangeError for a step that is past
 */
export function releaseBanded(
  { state, seed }: BandedNoise,
  { step, deviation, dimension, bands }: NextRelease & { readonly bands: number },
): { readonly noise: Float64Array; readonly next: BandedNoise } {
  if (!(step >= state.steps)) throw new RangeError(`step ${step} of banded noise that is at ${state.steps}`);
  let at = seed;
  for (let passed = state.steps; passed < step; passed++) at = seedAfter(at);
  const recent = [...nothing(step - state.steps, bands, dimension), ...state.recent].slice(0, bands - 1);
  const noise = draw(at, deviation, dimension);
  const [first, ...rest] = bandedFactor(bands);
  recent.forEach((earlier, j) => {
    const share = rest[j]!;
    for (let i = 0; i < dimension; i++) noise[i]! -= share * earlier[i]!;
  });
  for (let i = 0; i < dimension; i++) noise[i] = Math.floor(noise[i]! / first! + 0.5);
  return {
    noise,
    next: { state: { steps: step + 1, recent: [noise, ...recent].slice(0, bands - 1) }, seed: seedAfter(at) },
  };
}

/** Steps without data release nothing, and have no noise. */
const nothing = (steps: number, bands: number, dimension: number): Float64Array[] =>
  Array.from({ length: Math.min(steps, bands) }, () => new Float64Array(dimension));

function draw(seed: Uint8Array, deviation: Deviation, dimension: number): Float64Array {
  const z = new Float64Array(dimension);
  addDiscreteGaussian(z, { deviation, bytesOf: (block) => seededBytes(seed, 'bands', block) });
  return z;
}

/** Vectors that stand for the steps so far. */
export const recentSteps = (steps: number, bands: number): number => Math.min(steps, bands - 1);
