import { LearningError } from '../errors.js';
import type { SliceAggregator } from './aggregator.js';
import { weightedSum } from './cohort.js';

export interface QFedAvgOptions {
  /** q ≥ 0: how much more a high loss counts; 0 is the plain mean */
  readonly q: number;
  /** the devices' own; 1/L in the paper */
  readonly clientLearningRate: number;
  /** the loss that a weight of 1 stands for; default 1 */
  readonly lossUnit?: number;
}

/** What the loss is raised by, so that a perfect device has an update. */
const LEAST_LOSS = 1e-10;

/**
 * Fair averaging: devices on which the model does badly count more. With L = 1/rate and g = −L·δ,
 * the aggregate is −Σ F^q·g / Σ (q·F^(q−1)·‖g‖² + L·F^q).
 *
 * F, the loss of the round's model on the device's data before training, comes as the update's weight: one of a few
 * public levels, since a free number would tell devices apart.
 *
 * @throws LearningError `bad_strategy`
 * @see Li et al. 2020, Algorithm 2, https://arxiv.org/abs/1905.10497
 */
export function qFedAvg({ q, clientLearningRate, lossUnit = 1 }: QFedAvgOptions): SliceAggregator {
  if (!(q >= 0 && q < Infinity && [clientLearningRate, lossUnit].every((rate) => rate > 0 && rate < Infinity))) {
    throw new LearningError('bad_strategy', `q ${q}, client learning rate ${clientLearningRate}, unit ${lossUnit}`);
  }
  const steepness = 1 / clientLearningRate;
  return {
    reads: 'slices',
    profiles: 'norms',
    weigh: ({ weights, squaredNorms }) => {
      const losses = weights.map((weight) => weight * lossUnit + LEAST_LOSS);
      const factors = losses.map((loss) => loss ** q * steepness);
      const total = losses.reduce(
        (sum, loss, i) => sum + q * loss ** (q - 1) * steepness ** 2 * squaredNorms[i]! + factors[i]!,
        0,
      );
      return factors.map((factor) => factor / total);
    },
    combine: weightedSum,
  };
}
