import { LearningError } from '../errors.js';
import { checkCohort, type Cohort, type Contribution } from './cohort.js';

export interface QFedAvgOptions {
  /** q ≥ 0: how much more a high loss counts; 0 is the plain mean */
  readonly q: number;
  /** the devices' own; 1/L in the paper */
  readonly clientLearningRate: number;
}

/** With the loss of the round's model on the device's data, before training. */
export interface LossyContribution extends Contribution {
  readonly loss: number;
}

/** What the loss is raised by, so that a perfect device has an update. */
const LEAST_LOSS = 1e-10;

/**
 * Fair averaging: devices on which the model does badly count more. With L = 1/rate and g = −L·δ,
 * the aggregate is −Σ F^q·g / Σ (q·F^(q−1)·‖g‖² + L·F^q). Weights do not count.
 *
 * @throws LearningError `bad_strategy`, `not_finite` for a loss that is negative or not finite; those of `checkCohort`
 * @see Li et al. 2020, Algorithm 2, https://arxiv.org/abs/1905.10497
 */
export function qFedAvg(cohort: Cohort<LossyContribution>, { q, clientLearningRate }: QFedAvgOptions): Float64Array {
  const aggregate = new Float64Array(checkCohort(cohort));
  if (!(q >= 0 && q < Infinity && clientLearningRate > 0 && clientLearningRate < Infinity)) {
    throw new LearningError('bad_strategy', `q ${q} with a client learning rate of ${clientLearningRate}`);
  }
  const steepness = 1 / clientLearningRate;
  let total = 0;
  for (const { delta, loss } of cohort) {
    if (!(loss >= 0 && loss < Infinity)) throw new LearningError('not_finite', 'a loss is not a number from 0 on');
    const raised = loss + LEAST_LOSS;
    const factor = raised ** q * steepness;
    let squares = 0;
    for (let j = 0; j < delta.length; j++) {
      aggregate[j]! += factor * delta[j]!;
      squares += (steepness * delta[j]!) ** 2;
    }
    total += q * raised ** (q - 1) * squares + factor;
  }
  for (let j = 0; j < aggregate.length; j++) aggregate[j]! /= total;
  return aggregate;
}
