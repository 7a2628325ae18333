import { LearningError } from '../errors.js';
import { checkDelta, leastWhere } from './gaussian.js';

const { ceil, exp, expm1, log, log1p, max, min, sqrt } = Math;

/**
 * Orders α at which Rényi divergences are kept: close together where ε is mostly best, far apart beyond.
 * They are those of Google's dp_accounting, so that figures can be compared.
 */
export const RENYI_ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 53 }, (_, i) => 11 + i),
  128,
  256,
  512,
  1024,
];

/** Divergences at `orders`: of several mechanisms together they add up, order by order. */
export interface RenyiCurve {
  readonly orders: readonly number[];
  readonly divergences: readonly number[];
}

/** What is drawn with noise of σ times the sensitivity from a Poisson sample with rate q; q = 1 is no sampling. */
export interface SampledGaussian {
  readonly sigma: number;
  readonly sampling?: number;
}

/**
 * D_α of one release with Gaussian noise, at each order; α/2σ² without sampling, for the discrete Gaussian too.
 *
 * @throws LearningError `bad_strategy` for σ ≤ 0, q outside of [0, 1] or an order ≤ 1
 * @see Mironov, Talwar, Zhang 2019, https://arxiv.org/abs/1908.10530
 */
export function rdpOfGaussian({ sigma, sampling = 1 }: SampledGaussian, orders = RENYI_ORDERS): RenyiCurve {
  if (!(sigma > 0 && sampling >= 0 && sampling <= 1) || orders.some((alpha) => !(alpha > 1))) {
    throw new LearningError('bad_strategy', `no divergences of σ = ${sigma} sampled with ${sampling}`);
  }
  const divergence = (alpha: number): number => {
    if (sampling === 0) return 0;
    if (sampling === 1) return alpha / (2 * sigma * sigma);
    const moment = Number.isInteger(alpha) ? logMomentByTerms : logMomentByIntegral;
    return max(0, moment(alpha, sampling, sigma)) / (alpha - 1);
  };
  return { orders, divergences: orders.map(divergence) };
}

/** Σ count·curve, order by order. All curves have the same orders. */
export function composeRdp(parts: readonly { readonly curve: RenyiCurve; readonly count: number }[]): RenyiCurve {
  const orders = parts[0]?.curve.orders ?? RENYI_ORDERS;
  const divergences = orders.map((_, i) =>
    parts.reduce((sum, { curve, count }) => sum + count * curve.divergences[i]!, 0),
  );
  return { orders, divergences };
}

/**
 * The least ε that the curve gives for a δ, and the order that gives it:
 *
 *   ε = min_α [ D_α + log((α − 1)/α) − (log δ + log α)/(α − 1) ]
 *
 * @see Canonne, Kamath, Steinke 2020, Proposition 12, https://arxiv.org/abs/2004.00010
 */
export function rdpEpsilon({ orders, divergences }: RenyiCurve, delta: number): { epsilon: number; order: number } {
  checkDelta(delta);
  let best = { epsilon: Infinity, order: orders[0]! };
  orders.forEach((alpha, i) => {
    const divergence = divergences[i]!;
    // Divergences bound the total variation as well: δ ≥ √(1 − e^−D) needs no ε at all.
    const free = delta ** 2 + expm1(-divergence) > 0;
    const bound = divergence + log1p(-1 / alpha) - log(delta * alpha) / (alpha - 1);
    const epsilon = free ? 0 : max(0, bound);
    if (epsilon < best.epsilon) best = { epsilon, order: alpha };
  });
  return best;
}

/** The least δ that the curve gives for an ε, by the same bound. */
export function rdpDelta({ orders, divergences }: RenyiCurve, epsilon: number): number {
  return orders.reduce((least, alpha, i) => {
    const divergence = divergences[i]!;
    const byTotalVariation = sqrt(-expm1(-divergence));
    const byOrder = exp((alpha - 1) * (divergence - epsilon + log1p(-1 / alpha)) - log(alpha));
    return min(least, byTotalVariation, byOrder);
  }, 1);
}

/**
 * ε of somebody who owns m devices. Without sampling they are one with m times the sensitivity. With it, (ε, δ) for
 * one is (m·ε, δ·(e^mε − 1)/(e^ε − 1)) for m together: looks for the ε of one that gives the δ asked for.
 *
 * @returns ε of the group; Infinity where the bound gives none
 * @see Vadhan 2017, Lemma 2.2, https://doi.org/10.1007/978-3-319-57048-8_7
 */
export function groupEpsilon(releases: SampledGaussian & { count: number }, members: number, delta: number): number {
  const { sigma, sampling = 1, count } = releases;
  const sampled = sampling < 1;
  const curve = rdpOfGaussian({ sigma: sampled ? sigma : sigma / members, sampling });
  const composed = composeRdp([{ curve, count }]);
  if (!sampled || members === 1) return rdpEpsilon(composed, delta).epsilon;
  const one = leastWhere((epsilon) => {
    const growth = logExpm1(members * epsilon) - logExpm1(epsilon);
    return log(rdpDelta(composed, epsilon)) + growth <= log(delta);
  });
  return members * one;
}

const logExpm1 = (x: number): number => (x > 1 ? x + log1p(-exp(-x)) : log(expm1(x)));

/** log E[(1 − q + q·e^((2z − 1)/2σ²))^α], z ~ N(0, σ²): log Σ_j C(α, j)·(1 − q)^(α−j)·q^j·e^(j(j−1)/2σ²). */
function logMomentByTerms(alpha: number, q: number, sigma: number): number {
  let choose = 0;
  const terms = Array.from({ length: alpha + 1 }, (_, j) => {
    if (j > 0) choose += log((alpha - j + 1) / j);
    return choose + (alpha - j) * log1p(-q) + j * log(q) + (j * (j - 1)) / (2 * sigma * sigma);
  });
  return logSumExp(terms);
}

/**
 * The same moment for any α, by the trapezoidal rule over the whole line. The integrand is analytic but for zeros of
 * the bracket πσ² off the axis, so steps of σ/8 and σ²/8 leave errors of e^−128π² and e^−16π²σ.
 */
function logMomentByIntegral(alpha: number, q: number, sigma: number): number {
  const step = min(sigma, sigma * sigma) / 8;
  const from = -10 * sigma;
  const points = ceil((alpha + 20 * sigma) / step);
  const terms = Array.from({ length: points }, (_, i) => {
    const z = from + i * step;
    const exponent = (2 * z - 1) / (2 * sigma * sigma);
    const bracket = exponent > 0 ? exponent + log(q + (1 - q) * exp(-exponent)) : log1p(q * expm1(exponent));
    return alpha * bracket - (z * z) / (2 * sigma * sigma);
  });
  return logSumExp(terms) + log(step / (sigma * sqrt(2 * Math.PI)));
}

function logSumExp(terms: readonly number[]): number {
  const largest = terms.reduce((a, b) => max(a, b), -Infinity);
  return largest + log(terms.reduce((sum, term) => sum + exp(term - largest), 0));
}
