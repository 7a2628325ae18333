import { LearningError } from '../errors.js';
import { normalBetween, normalCdf } from './normal.js';
import type { SampledGaussian } from './renyi.js';

const { ceil, exp, expm1, floor, log, log1p, max, min } = Math;

/** Which neighbour the loss is taken against: the one with the device more, or the one with it less. */
export type Direction = 'remove' | 'add';

/**
 * A distribution of the privacy loss log(P/Q), drawn from P, on the grid of multiples of `step`. It dominates the
 * true one: no δ that is read from it is too small.
 */
export interface LossDistribution {
  readonly step: number;
  /** the loss of `masses[0]`, in steps */
  readonly lowest: number;
  readonly masses: Float64Array;
  /** chance of a loss beyond all bounds */
  readonly infinite: number;
}

/** Deviations from the mean that a normal number stays within, but for 2·10^-20. */
const REACH = 9.3;

/**
 * The loss of one release with Gaussian noise on a Poisson sample: P and Q are N(0, σ²) and its mixture with
 * N(1, σ²) by q, in either order.
 *
 * "Connecting the dots": what falls between two points of the grid is given to both so that neither its chance
 * under P nor under Q changes. Then δ(ε) is right at the points and, between them, a chord of a convex curve:
 * never too small, and off by the square of the step only.
 *
 * @throws LearningError `bad_strategy` for σ ≤ 0 or q outside of (0, 1]
 * @see Doroshenko et al. 2022, https://arxiv.org/abs/2207.04380
 */
export function gaussianLoss(release: SampledGaussian, direction: Direction, step: number): LossDistribution {
  const { sigma, sampling: q = 1 } = release;
  const sign = direction === 'remove' ? 1 : -1;
  const ends = lossRange(release).map((loss) => sign * loss);
  const lowest = floor(min(...ends) / step);
  const highest = ceil(max(...ends) / step);
  const masses = new Float64Array(highest - lowest + 1);
  for (let i = 0; i + 1 < masses.length; i++) {
    const a = (lowest + i) * step;
    const [p, excess] = massesBetween(a, a + step, { sigma, q, sign });
    // α + β = P-mass and α·e^−a + β·e^−b = Q-mass.
    const upper = min(p, max(0, excess / -expm1(-step)));
    masses[i]! += p - upper;
    masses[i + 1]! += upper;
  }
  // What is not on the grid: far below, where the lowest point is too high a loss, or above, where none is enough.
  const [below, above] = outside(lowest * step, highest * step, { sigma, q, sign });
  masses[0]! += below;
  return { step, lowest, masses, infinite: above };
}

/**
 * The losses of one release, removed, that are worth a grid: all but for chances of 10^-20.
 *
 * @throws LearningError `bad_strategy` for σ ≤ 0 or q outside of (0, 1]
 */
export function lossRange({ sigma, sampling: q = 1 }: SampledGaussian): [number, number] {
  if (!(sigma > 0 && q > 0 && q <= 1)) {
    throw new LearningError('bad_strategy', `no privacy loss of σ = ${sigma} sampled with ${q}`);
  }
  return [lossAt(-REACH * sigma, sigma, q), lossAt(1 + REACH * sigma, sigma, q)];
}

interface Curve {
  readonly sigma: number;
  readonly q: number;
  readonly sign: number;
}

/** log of the mixture's density over N(0, σ²)'s. */
function lossAt(x: number, sigma: number, q: number): number {
  const exponent = (2 * x - 1) / (2 * sigma * sigma);
  return exponent > 0 ? exponent + log(q + (1 - q) * exp(-exponent)) : log1p(q * expm1(exponent));
}

/** The x with that loss; −∞ where the loss is below every one. */
function atLoss(loss: number, { sigma, q }: Curve): number {
  const ratio = 1 + expm1(loss) / q;
  if (!(ratio > 0)) return -Infinity;
  return sigma * sigma * (loss > 30 ? loss - log(q) : log(ratio)) + 0.5;
}

/** P's mass of losses from a to b, and P-mass − e^a·Q-mass. */
function massesBetween(a: number, b: number, curve: Curve): [number, number] {
  const { sigma, q, sign } = curve;
  const [from, to] = sign > 0 ? [atLoss(a, curve), atLoss(b, curve)] : [atLoss(-b, curve), atLoss(-a, curve)];
  const plain = normalBetween(from / sigma, to / sigma);
  const shifted = normalBetween((from - 1) / sigma, (to - 1) / sigma);
  const mixture = (1 - q) * plain + q * shifted;
  return sign > 0 ? [mixture, mixture - exp(a) * plain] : [plain, plain - exp(a) * mixture];
}

function outside(low: number, high: number, curve: Curve): [number, number] {
  const { sigma, q, sign } = curve;
  const [from, to] = sign > 0 ? [atLoss(low, curve), atLoss(high, curve)] : [atLoss(-high, curve), atLoss(-low, curve)];
  const share = sign > 0 ? q : 0;
  const left = (1 - share) * normalCdf(from / sigma) + share * normalCdf((from - 1) / sigma);
  const right = (1 - share) * normalCdf(-to / sigma) + share * normalCdf((1 - to) / sigma);
  return sign > 0 ? [left, right] : [right, left];
}
