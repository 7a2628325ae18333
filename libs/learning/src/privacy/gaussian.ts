import { LearningError } from '../errors.js';
import { logNormalCdf } from './normal.js';

/** What one device may be part of: `count` releases with noise of `sigma` times the sensitivity. */
export interface GaussianReleases {
  /** noise multiplier: the deviation of the noise over the L2 sensitivity, > 0 */
  readonly sigma: number;
  readonly count: number;
}

/**
 * δ(ε) of releases with Gaussian noise, exactly: they are together one with σ/√k.
 *
 *   δ = Φ(μ/2 − ε/μ) − e^ε·Φ(−μ/2 − ε/μ),   μ = √k/σ
 *
 * No sampling is assumed. Noise on integers is the discrete Gaussian, whose ε is larger by nothing that shows once
 * its deviation is a few grid steps; its Rényi divergences never are (`rdpOfGaussian`).
 *
 * @see Balle and Wang 2018, Theorem 8, https://arxiv.org/abs/1805.06530
 */
export function gaussianDelta({ sigma, count }: GaussianReleases, epsilon: number): number {
  if (!(sigma > 0 && count >= 0)) throw new LearningError('bad_strategy', `${count} releases with σ = ${sigma}`);
  const mu = Math.sqrt(count) / sigma;
  if (mu === 0) return 0;
  const above = logNormalCdf(mu / 2 - epsilon / mu);
  const below = epsilon + logNormalCdf(-mu / 2 - epsilon / mu);
  return Math.max(0, -Math.exp(above) * Math.expm1(below - above));
}

/**
 * The least ε for a δ, from above.
 *
 * @param delta  in (0, 1)
 * @throws LearningError `bad_strategy`
 */
export function gaussianEpsilon(releases: GaussianReleases, delta: number): number {
  checkDelta(delta);
  if (gaussianDelta(releases, 0) <= delta) return 0;
  return leastWhere((epsilon) => gaussianDelta(releases, epsilon) <= delta);
}

/** ρ of zero-concentrated differential privacy: k/2σ². It adds up over releases. */
export const zeroConcentrated = ({ sigma, count }: GaussianReleases): number => count / (2 * sigma * sigma);

/** @throws LearningError `bad_strategy` outside of (0, 1) */
export function checkDelta(delta: number): void {
  if (!(delta > 0 && delta < 1)) throw new LearningError('bad_strategy', `δ must lie in (0, 1), got ${delta}`);
}

/** The least x > 0 that a test accepts which accepts every larger one; Infinity where none is. Never too small. */
export function leastWhere(accepts: (x: number) => boolean, precision = 1e-13): number {
  let high = 1;
  while (!accepts(high)) {
    high *= 2;
    if (high > 2 ** 60) return Infinity;
  }
  let low = high / 2;
  while (low > 0 && accepts(low)) [low, high] = [low / 2 > 1e-9 ? low / 2 : 0, low];
  while (high - low > precision * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (accepts(middle)) high = middle;
    else low = middle;
  }
  return high;
}
