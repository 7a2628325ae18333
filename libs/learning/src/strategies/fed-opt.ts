import { checkRates, coordinatewise, type ServerOptimizer } from './server-optimizer.js';

/*
 * Adaptive server optimizers (Reddi et al. 2021, https://arxiv.org/abs/2003.00295), as Flower computes them: both
 * moments begin at zero, where the paper has v₀ = τ².
 */

export interface FedOptOptions {
  /** η > 0 */
  readonly learningRate?: number;
  /** τ > 0: the least divisor; default 1e-3 */
  readonly tau?: number;
  /** in [0, 1); default 0.9 */
  readonly beta1?: number;
  /** in [0, 1); default 0.99 */
  readonly beta2?: number;
}

/**
 * m ← β₁m + (1−β₁)Δ, v ← β₂v + (1−β₂)Δ², x ← x + ηᵣ·m/(√v + τ) with ηᵣ = η·√(1−β₂^(r+1))/(1−β₁^(r+1)), r from 1.
 * The exponent r + 1 is Flower's; Adam's own is r.
 */
export function fedAdam({
  learningRate = 0.1,
  tau = 1e-3,
  beta1 = 0.9,
  beta2 = 0.99,
}: FedOptOptions = {}): ServerOptimizer {
  check({ learningRate, tau, beta1, beta2 });
  return coordinatewise(2, (round) => {
    const rate = (learningRate * Math.sqrt(1 - beta2 ** (round + 1))) / (1 - beta1 ** (round + 1));
    return (at, delta) => {
      at.m = beta1 * at.m + (1 - beta1) * delta;
      at.v = beta2 * at.v + (1 - beta2) * delta * delta;
      at.x += (rate * at.m) / (Math.sqrt(at.v) + tau);
    };
  });
}

/** As Adam without its correction, and v ← v − (1−β₂)·Δ²·sign(v − Δ²): v follows Δ² by steps of bounded size. */
export function fedYogi({
  learningRate = 0.01,
  tau = 1e-3,
  beta1 = 0.9,
  beta2 = 0.99,
}: FedOptOptions = {}): ServerOptimizer {
  check({ learningRate, tau, beta1, beta2 });
  return coordinatewise(2, () => (at, delta) => {
    const square = delta * delta;
    at.m = beta1 * at.m + (1 - beta1) * delta;
    at.v -= (1 - beta2) * square * Math.sign(at.v - square);
    at.x += (learningRate * at.m) / (Math.sqrt(at.v) + tau);
  });
}

/** v ← v + Δ², x ← x + η·Δ/(√v + τ). */
export function fedAdagrad({
  learningRate = 0.1,
  tau = 1e-3,
}: Pick<FedOptOptions, 'learningRate' | 'tau'> = {}): ServerOptimizer {
  check({ learningRate, tau });
  return coordinatewise(2, () => (at, delta) => {
    at.m = delta;
    at.v += delta * delta;
    at.x += (learningRate * delta) / (Math.sqrt(at.v) + tau);
  });
}

function check({
  learningRate,
  tau,
  beta1 = 0,
  beta2 = 0,
}: FedOptOptions & { learningRate: number; tau: number }): void {
  const positive = (value: number) => [value, Number.MIN_VALUE, Infinity] as const;
  checkRates({ learningRate: positive(learningRate), tau: positive(tau), beta1: [beta1, 0, 1], beta2: [beta2, 0, 1] });
}
