import { LearningError } from '../errors.js';
import { checkDelta } from './gaussian.js';
import { fft, type Complex } from './fft.js';
import type { LossDistribution } from './privacy-loss.js';

const { abs, atan2, ceil, cos, exp, expm1, log, log1p, log2, max, min, sin } = Math;

/** A distribution of losses and how many independent ones of it are added. */
export interface LossPart {
  readonly loss: LossDistribution;
  readonly count: number;
}

/** Chance of a sum outside of the window that is computed: added to δ, so that nothing is lost by it. */
const CUT = 1e-13;
/** Losses are not added up on more points than this. */
export const LARGEST_WINDOW = 2 ** 18;

/** The grid points that the sum of all losses lies between, but for a chance of `CUT` by Chernoff's bound. */
export function lossWindow(parts: readonly LossPart[]): { readonly lowest: number; readonly highest: number } {
  return {
    lowest: max(
      -chernoff(parts, -1),
      sum(parts, ({ loss }) => loss.lowest),
    ),
    highest: min(
      chernoff(parts, 1),
      sum(parts, ({ loss }) => loss.lowest + loss.masses.length - 1),
    ),
  };
}

/**
 * The distribution of the sum of all losses: one transform a part, powers, one transform back. The window holds all
 * but `CUT` of the sum; the rest is counted as an infinite loss, and where it wraps around, twice.
 *
 * @param parts  all on one grid
 * @throws LearningError `bad_strategy` for parts on different grids or sums too wide to hold
 */
export function composeLosses(parts: readonly LossPart[]): LossDistribution {
  const step = parts[0]?.loss.step ?? 1;
  if (parts.some(({ loss }) => loss.step !== step)) throw new LearningError('bad_strategy', 'losses on several grids');
  const { lowest, highest } = lossWindow(parts);
  const size = 2 ** ceil(log2(max(2, highest - lowest + 1)));
  if (size > LARGEST_WINDOW) throw new LearningError('bad_strategy', 'the privacy losses spread too far to be added');

  const product: Complex = { re: new Float64Array(size).fill(1), im: new Float64Array(size) };
  for (const { loss, count } of parts) multiplyPower(product, transformOf(loss, size), count);
  fft(product, true);

  // Entry j of the circle stands for the loss ≡ j + Σ count·lowest that lies in the window.
  const origin = sum(parts, ({ loss }) => loss.lowest);
  const masses = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    const at = (((lowest + j - origin) % size) + size) % size;
    masses[j] = max(0, product.re[at]!);
  }
  const finite = parts.reduce((total, { loss, count }) => total + count * log1p(-loss.infinite), 0);
  return { step, lowest, masses, infinite: -expm1(finite) + CUT };
}

/**
 * The least ε for a δ: δ(ε) = P(∞) + Σ_{ℓ > ε} P(ℓ)·(1 − e^(ε − ℓ)), solved between its two points of the grid.
 *
 * @returns ε ≥ 0; Infinity where infinite losses alone are more likely than δ
 */
export function lossEpsilon({ step, lowest, masses, infinite }: LossDistribution, delta: number): number {
  checkDelta(delta);
  if (infinite >= delta) return Infinity;
  let mass = infinite;
  // Σ P(ℓ)·e^(loss − ℓ) over the losses above, relative to the present one, so that no exponential runs over.
  let discounted = 0;
  for (let j = masses.length - 1; j >= 0; j--) {
    const loss = (lowest + j) * step;
    discounted *= exp(-step);
    const epsilon = mass > delta ? loss + log((mass - delta) / discounted) : -Infinity;
    if (epsilon >= loss) return max(0, epsilon);
    if (loss < 0) return 0;
    mass += masses[j]!;
    discounted += masses[j]!;
  }
  return mass > delta ? max(0, lowest * step + log((mass - delta) / discounted)) : 0;
}

const sum = (parts: readonly LossPart[], of: (part: LossPart) => number): number =>
  parts.reduce((total, part) => total + part.count * of(part), 0);

/** The least bound, in steps, that sign·(sum of the losses) passes with a chance of at most `CUT`. */
function chernoff(parts: readonly LossPart[], sign: number): number {
  let least = Infinity;
  for (let lambda = 0.25; lambda <= 256; lambda *= Math.SQRT2) {
    const logMoment = parts.reduce((total, { loss, count }) => total + count * logMomentOf(loss, sign * lambda), 0);
    least = min(least, (logMoment - log(CUT / 2)) / lambda);
  }
  return ceil(least / (parts[0]?.loss.step ?? 1));
}

/** log E[e^(λ·loss)] over the finite losses. */
function logMomentOf({ step, lowest, masses }: LossDistribution, lambda: number): number {
  // One exponential to start with at either end, a product for each point: n exponentials would take far longer.
  const largest = lambda > 0 ? lambda * step * (lowest + masses.length - 1) : lambda * step * lowest;
  let total = 0;
  const factor = exp(-abs(lambda) * step);
  let weight = 1;
  for (let k = 0; k < masses.length && weight > 1e-280; k++, weight *= factor) {
    total += weight * masses[lambda > 0 ? masses.length - 1 - k : k]!;
  }
  // All that was left out weighs less than this.
  return largest + log(total + 1e-280);
}

function transformOf({ masses }: LossDistribution, size: number): Complex {
  const x: Complex = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let j = 0; j < masses.length; j++) x.re[j % size]! += masses[j]!;
  fft(x);
  return x;
}

/** product ·= base^count, by modulus and angle. Both are transforms of real numbers: y_(n−j) is conjugate to y_j. */
function multiplyPower({ re, im }: Complex, base: Complex, count: number): void {
  const n = re.length;
  for (let j = 0; 2 * j <= n; j++) {
    const [x, y] = [base.re[j]!, base.im[j]!];
    const modulus = (x * x + y * y) ** (count / 2);
    const angle = count * atan2(y, x);
    const real = modulus * cos(angle);
    const imaginary = modulus * sin(angle);
    [re[j], im[j]] = [re[j]! * real - im[j]! * imaginary, re[j]! * imaginary + im[j]! * real];
    re[(n - j) % n] = re[j]!;
    if (j > 0 && 2 * j < n) im[n - j] = -im[j]!;
  }
}
