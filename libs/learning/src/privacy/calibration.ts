import { LearningError } from '../errors.js';
import { privacySpent, renyiEpsilon, type GaussianRow } from './accountant.js';
import { leastWhere } from './gaussian.js';

/** What is wanted of releases whose noise is still open. */
export interface PrivacyGoal extends Omit<GaussianRow, 'mechanism' | 'sigma'> {
  readonly epsilon: number;
  readonly delta: number;
}

/** Relative precision of a calibrated σ, upwards; each step by losses takes about a second. */
const PRECISION = { renyi: 1e-9, loss: 1e-4 };

/**
 * The least noise multiplier that keeps a goal.
 *
 * @param by  `renyi`, fast, or `loss`, the least noise there is
 * @throws LearningError `bad_strategy` for an ε that is not positive, or a δ that is none
 */
export function calibrateNoise({ epsilon, delta, ...releases }: PrivacyGoal, by: 'renyi' | 'loss' = 'renyi'): number {
  if (!(epsilon > 0)) throw new LearningError('bad_strategy', `no noise gives ε = ${epsilon}`);
  return leastWhere((sigma) => {
    const rows = [{ ...releases, mechanism: 'gaussian' as const, sigma }];
    if (renyiEpsilon(rows, delta) <= epsilon) return true;
    return by === 'loss' && privacySpent(rows, delta).epsilon <= epsilon;
  }, PRECISION[by]);
}
