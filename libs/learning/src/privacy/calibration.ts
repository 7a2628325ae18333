import { LearningError } from '../errors.js';
import { privacySpent, renyiEpsilon, type GaussianRow } from './accountant.js';
import { leastWhere } from './gaussian.js';

/** What is wanted of releases whose noise is still open. */
export interface PrivacyGoal extends Omit<GaussianRow, 'mechanism' | 'sigma'> {
  readonly epsilon: number;
  readonly delta: number;
}

/** Relative precision of a calibrated σ, upwards. */
const PRECISION = 1e-5;

/**
 * The least noise multiplier that keeps a goal, or at most 10^-5 of it more.
 *
 * @param by  `renyi`, fast, or `loss`, the least noise there is: with sampling, some seconds
 * @throws LearningError `bad_strategy` for an ε that is not positive, or a δ that is none
 */
export function calibrateNoise({ epsilon, delta, ...releases }: PrivacyGoal, by: 'renyi' | 'loss' = 'renyi'): number {
  if (!(epsilon > 0)) throw new LearningError('bad_strategy', `no noise gives ε = ${epsilon}`);
  const rows = (sigma: number): GaussianRow[] => [{ ...releases, mechanism: 'gaussian', sigma }];
  const enough = leastWhere((sigma) => renyiEpsilon(rows(sigma), delta) <= epsilon, PRECISION / 2);
  return by === 'renyi' ? enough : byLosses(enough, (sigma) => privacySpent(rows(sigma), delta).loss / epsilon);
}

/** Secants to cost = 1 from a σ that is enough: ε is nearly a power of σ, so logarithms make them straight. */
function byLosses(enough: number, cost: (sigma: number) => number): number {
  let [sigma, value] = [enough, Math.log(cost(enough))];
  let slope = -1;
  for (let round = 0; round < 20 && Math.abs(value) > PRECISION / 10; round++) {
    const next = sigma * Math.exp(-value / slope);
    const nextValue = Math.log(cost(next));
    slope = (nextValue - value) / Math.log(next / sigma);
    [sigma, value] = [next, nextValue];
  }
  while (cost(sigma) > 1) sigma *= 1 + PRECISION / 2;
  return sigma;
}
