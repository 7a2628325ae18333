import { LearningError } from '../errors.js';
import type { StrategyChoice } from './strategy.js';

/** μ of a task whose strategy is FedProx; 0 where it is another, or names none. */
export const proximalMu = ({ name, mu }: StrategyChoice): number =>
  name === 'FedProx' && typeof mu === 'number' ? mu : 0;

/**
 * FedProx is FedAvg on the server; devices add μ/2·‖w − x‖² to their loss. Its gradient is μ·(w − x): after each
 * step of plain SGD with rate η, w ← w − η·μ·(w − x).
 *
 * @param w  the device's parameters, changed in place
 * @param x  the round's
 * @param amount  η·μ in [0, 1): above, a step would pass x
 * @throws LearningError `bad_strategy`, `dimension_mismatch`
 * @see Li et al. 2020, https://arxiv.org/abs/1812.06127
 */
export function pullTowards(w: Float32Array, x: Float32Array, amount: number): void {
  if (!(amount >= 0 && amount < 1)) throw new LearningError('bad_strategy', `a pull of ${amount}`);
  if (w.length !== x.length) throw new LearningError('dimension_mismatch', `${w.length} and ${x.length} parameters`);
  for (let j = 0; j < w.length; j++) w[j]! -= amount * (w[j]! - x[j]!);
}
