import { LearningError } from '../errors.js';
import { checkRates, coordinatewise, type ServerOptimizer } from './server-optimizer.js';
import { fedAvgM } from './fed-avg-m.js';
import type { Strategy } from './strategy.js';

export const FED_BUFF = 'FedBuff';

/** What an update counts that is not stale; stale ones count less, in whole numbers. */
const FULL_WEIGHT = 1000;
/** A header names one of at most eight weight levels. */
const MOST_STALE = 7;

export interface FedBuffOptions {
  /** η > 0 */
  readonly serverLearningRate: number;
  /** τ_max: an update of an older model counts nothing */
  readonly maxStaleness: number;
  /** β in [0, 1); 0 is the paper's algorithm */
  readonly momentum: number;
}

/**
 * Buffered asynchronous averaging: devices train at their own pace, and each buffer of K updates is a step of the
 * model, whichever version they began with. With τ versions published since,
 *
 *   x ← x + η/K · Σ δᵢ/√(1 + τᵢ)
 *
 * divided by K and not by the weights: a buffer of stale updates makes a smaller step.
 *
 * @throws LearningError `bad_strategy`
 * @see Nguyen et al. 2022, Algorithm 1, https://arxiv.org/abs/2106.06639
 */
export function fedBuff({ serverLearningRate, maxStaleness, momentum }: FedBuffOptions): Strategy {
  checkRates({ serverLearningRate: [serverLearningRate, Number.MIN_VALUE, Infinity] });
  if (!Number.isInteger(maxStaleness) || maxStaleness < 0 || maxStaleness > MOST_STALE) {
    throw new LearningError(
      'bad_strategy',
      `maxStaleness of ${maxStaleness}: it is a whole number of 0 to ${MOST_STALE}`,
    );
  }
  return {
    aggregator: { reads: 'sum', fullWeight: FULL_WEIGHT },
    optimizer:
      momentum === 0 ? scaledStep(serverLearningRate) : fedAvgM({ learningRate: serverLearningRate, momentum }),
    weightLevels: Array.from({ length: maxStaleness + 1 }, (_, tau) => Math.round(FULL_WEIGHT / Math.sqrt(1 + tau))),
  };
}

/** x ← x + η·Δ, and nothing to carry on. */
const scaledStep = (rate: number): ServerOptimizer =>
  coordinatewise(0, () => (at, delta) => {
    at.x += rate * delta;
  });
