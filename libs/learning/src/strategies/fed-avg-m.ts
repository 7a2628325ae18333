import { checkRates, coordinatewise, type ServerOptimizer } from './server-optimizer.js';

export interface FedAvgMOptions {
  /** η > 0; default 1 */
  readonly learningRate?: number;
  /** β in [0, 1); default 0, which with η = 1 is plain averaging */
  readonly momentum?: number;
}

/**
 * v ← β·v + Δ, x ← x + η·v.
 *
 * @see Hsu et al. 2019, https://arxiv.org/abs/1909.06335
 */
export function fedAvgM({ learningRate = 1, momentum = 0 }: FedAvgMOptions = {}): ServerOptimizer {
  checkRates({ learningRate: [learningRate, Number.MIN_VALUE, Infinity], momentum: [momentum, 0, 1] });
  return coordinatewise(1, () => (at, delta) => {
    at.m = momentum * at.m + delta;
    at.x += learningRate * at.m;
  });
}
