import { LearningError } from './errors.js';

/** How a task turns the cohort's mean delta into the next model. The defaults are plain averaging. */
export interface ServerStep {
  /** η, the factor on the aggregate; default 1. */
  readonly learningRate?: number;
  /** β in [0, 1), how much of the last step is taken again; default 0. */
  readonly momentum?: number;
}

/**
 * The next model: x' = x + η·aggregate + β·(x − x₋₁), in float64, each parameter rounded to float32 once.
 *
 * The velocity is the last step itself, so the only state is the previous model, which is stored anyway.
 * With η = 1 and β = 0 this is FedAvg; with β > 0 FedAvgM.
 *
 * @param models  x, the round's model, and x₋₁, the model before it (x itself in the first round);
 *   float32, length d; not modified
 * @param aggregate  the cohort's mean delta, float64, length d; not modified
 * @returns float32, length d
 * @throws LearningError `dimension_mismatch`; `not_finite` when a parameter would leave float32;
 *   `bad_step` for η ≤ 0 or β outside [0, 1)
 * @see Hsu et al. 2019, FedAvgM, https://arxiv.org/abs/1909.06335
 */
export function serverStep(
  { current, previous = current }: { readonly current: Float32Array; readonly previous?: Float32Array },
  aggregate: Float64Array,
  { learningRate = 1, momentum = 0 }: ServerStep = {},
): Float32Array {
  if (current.length !== aggregate.length || current.length !== previous.length) {
    throw new LearningError('dimension_mismatch', `${current.length} parameters, ${aggregate.length} in the delta`);
  }
  if (!(learningRate > 0 && learningRate < Infinity && momentum >= 0 && momentum < 1)) {
    throw new LearningError('bad_step', `learning rate ${learningRate}, momentum ${momentum}`);
  }
  const next = Float32Array.from(current, (x, j) => x + learningRate * aggregate[j]! + momentum * (x - previous[j]!));
  if (!next.every(Number.isFinite)) throw new LearningError('not_finite', 'the new model is not finite');
  return next;
}
