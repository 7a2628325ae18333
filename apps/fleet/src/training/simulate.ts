import {
  BOOK,
  ExactSum,
  fedAvg,
  initialState,
  l2Norm,
  Strategies,
  toGrid,
  type Grid,
  type StrategyChoice,
} from '#learning';

import { partitionByLabel, Random, selectExamples, type Examples } from '../data/index.js';
import type { TrainingSettings } from './local-training.js';
import { initialParameters, MODELS, type ModelName } from './models.js';
import type { TrainingPool } from './training-pool.js';

/** Federated averaging without a network: for choosing a demo's settings, and for tests. */
export interface Simulation {
  readonly model: ModelName;
  readonly seed: number;
  readonly rounds: number;
  readonly devices: number;
  /** Devices whose updates count in a round; drawn anew for each. */
  readonly participants: number;
  /** Dirichlet concentration of the labels. */
  readonly alpha: number;
  readonly grid: Grid;
  readonly training: TrainingSettings;
  readonly strategy: StrategyChoice;
}

export interface SimulatedRound {
  /** From 1. */
  readonly round: number;
  /** The model after the round, float32, layout order. */
  readonly parameters: Float32Array;
  /** L2 norm of each delta before clipping. */
  readonly norms: readonly number[];
}

/**
 * Runs the rounds one by one and yields after each: train, clip and round to the grid, sum exactly, step.
 *
 * @param train  all devices' images together
 */
export async function* simulate(
  settings: Simulation,
  train: Examples,
  pool: TrainingPool,
): AsyncGenerator<SimulatedRound> {
  const { model, seed, devices, alpha, grid } = settings;
  const hands = partitionByLabel(train.labels, { devices, alpha, seed }).map((hand) => selectExamples(train, hand));
  let parameters = initialParameters(model, seed);
  const { optimizer } = new Strategies(BOOK).make(settings.strategy);
  let state = initialState(parameters.length);
  for (let round = 1; round <= settings.rounds; round++) {
    const everybody = Uint32Array.from(hands, (_, device) => device);
    const cohort = new Random(seed, 'cohort', round).shuffle(everybody).subarray(0, settings.participants);
    const sum = new ExactSum(grid, parameters.length);
    const norms: number[] = [];
    const start = parameters;
    const updates = Array.from(cohort, async (device) => {
      const task = { ...settings.training, seed: `${seed}/${round}/${device}` };
      const { topology } = MODELS[model];
      const trained = await pool.train({ topology, parameters: start, examples: hands[device]!, settings: task });
      const delta = trained.map((value, j) => value - start[j]!);
      norms.push(l2Norm(delta));
      // In order of arrival: the sum is exact, so the order does not show.
      sum.add(toGrid(delta, grid), 1);
    });
    await Promise.all(updates);
    const aggregate = fedAvg(sum.values, sum.totalWeight, grid);
    const next = optimizer.step(Float64Array.from(start), aggregate, state);
    [parameters, state] = [Float32Array.from(next.x), next.state];
    yield { round, parameters, norms };
  }
}
