import {
  initialState,
  leastCohort,
  LearningError,
  privacySpent,
  seededBytes,
  SEED_BYTES,
  sensitivity,
  type OptimizerState,
} from '#learning';

import { Random, type Examples } from '../data/index.js';
import type { TrainingPool } from '../training/index.js';
import type { SumNoise } from './cohort.js';
import type { Examiner } from './examiner.js';
import { GOAL_REACHED, isGoalReached, type RoundMetrics } from './metrics.js';
import { populate, Selection } from './population.js';
import type { RunSettings } from './run-settings.js';
import { SimulatedRound, type Collected } from './simulated-round.js';
import { STRATEGIES } from './strategies.js';
import { TASKS } from './tasks.js';

export interface RunPorts {
  readonly pool: Pick<TrainingPool, 'train'>;
  readonly examiner: Examiner;
}

/**
 * Runs the rounds one by one, without servers: what devices and servers compute is computed by the same code.
 *
 * @param train  what devices may be given
 * @returns a round at a time; in the end, why it ended early, or null
 */
export async function* simulateRun(
  settings: RunSettings,
  train: Examples,
  { pool, examiner }: RunPorts,
): AsyncGenerator<RoundMetrics, string | null> {
  const everybody = populate(settings, train);
  const selection = new Selection(settings);
  const strategy = STRATEGIES.make(settings.strategy);
  let parameters = TASKS[settings.task].initialParameters(settings.seed);
  let state: OptimizerState = initialState(parameters.length);
  let releases = 0;
  for (let round = 1; round <= settings.rounds; round++) {
    if (isOverBudget(settings, releases + 1)) return 'The next round would pass the privacy budget.';
    const asked = selection.next(round).map((index) => everybody[index]!);
    const started = { round, parameters, devices: asked };
    const collected = await new SimulatedRound(settings, started, strategy.aggregator).collect(pool);
    let abandoned = tooFew(collected, leastCohort(strategy));
    if (abandoned === null) {
      try {
        const aggregate = collected.cohort.aggregate(noiseOf(settings, round, parameters.length));
        const next = strategy.optimizer.step(Float64Array.from(parameters), aggregate, state);
        [parameters, state] = [Float32Array.from(next.x), next.state];
        releases += 1;
      } catch (error) {
        if (!(error instanceof LearningError)) throw error;
        abandoned = error.message;
      }
    }
    const examined = examiner.examine(parameters);
    const epsilon = epsilonOf(settings, releases);
    yield { round, ...examined, epsilon, asked: asked.length, ...countsOf(collected), abandoned, ...WITHOUT_A_CLOCK };
    if (isGoalReached(settings, examined)) return GOAL_REACHED;
  }
  return null;
}

const WITHOUT_A_CLOCK = { seconds: null, elapsed: null };

const tooFew = ({ cohort }: Collected, least: number): string | null =>
  cohort.count < least ? `${cohort.count} updates are fewer than the ${least} that the strategy takes.` : null;

function countsOf({ cohort, refused, vanished, late, clipped, norms, duration }: Collected) {
  const norm = norms[Math.floor(norms.length / 2)] ?? null;
  return { accepted: cohort.count, refused, vanished, late, clipped, norm, duration };
}

/** From the run's seed, so that it can be run again: real noise comes from the system's generator. */
function noiseOf(
  { privacy, scale, clip, encoding, seed }: RunSettings,
  round: number,
  dimension: number,
): SumNoise | null {
  if (privacy === undefined) return null;
  const random = new Random(seed, 'noise', round);
  const noiseSeed = Uint8Array.from({ length: SEED_BYTES }, () => random.below(256));
  return {
    deviation: privacy.noiseMultiplier * sensitivity({ scale, clip }, dimension, 1, encoding),
    bytesOf: (block) => seededBytes(noiseSeed, 'noise', block),
  };
}

/** ε of so many releases for a device that takes part in as many as its tokens allow. */
function epsilonOf({ privacy, quota = Infinity }: RunSettings, releases: number): number | null {
  if (privacy === undefined) return null;
  const row = { mechanism: 'gaussian', sigma: privacy.noiseMultiplier, count: Math.min(releases, quota) } as const;
  return privacySpent([row], privacy.delta).epsilon;
}

const isOverBudget = (settings: RunSettings, releases: number): boolean =>
  settings.privacy !== undefined && epsilonOf(settings, releases)! > settings.privacy.epsilonMax;
