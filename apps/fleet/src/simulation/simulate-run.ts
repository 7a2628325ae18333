import {
  adaptClip,
  initialState,
  leastCohort,
  LearningError,
  privacySpent,
  seededBytes,
  SEED_BYTES,
  sensitivity,
  sumMultiplier,
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
  let { clip } = settings;
  let releases = 0;
  for (let round = 1; round <= settings.rounds; round++) {
    if (isOverBudget(settings, releases + 1)) return 'The next round would pass the privacy budget.';
    const asked = selection.next(round).map((index) => everybody[index]!);
    const started = { round, parameters, devices: asked };
    const clipped = { ...settings, clip };
    const collected = await new SimulatedRound(clipped, started, strategy.aggregator).collect(pool);
    let unclipped: number | null = null;
    let abandoned = tooFew(collected, leastCohort(strategy));
    if (abandoned === null) {
      try {
        const aggregate = collected.cohort.aggregate(noiseOf(clipped, round, parameters.length));
        const next = strategy.optimizer.step(Float64Array.from(parameters), aggregate, state);
        [parameters, state] = [Float32Array.from(next.x), next.state];
        releases += 1;
        ({ unclipped, clip } = adapted(clipped, round, collected));
      } catch (error) {
        if (!(error instanceof LearningError)) throw error;
        abandoned = error.message;
      }
    }
    const examined = examiner.examine(parameters);
    const epsilon = epsilonOf(settings, releases);
    const counts = { asked: asked.length, ...countsOf(collected), clip: clipped.clip, unclipped };
    yield { round, ...examined, epsilon, ...counts, abandoned, ...WITHOUT_A_CLOCK };
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

function noiseOf(settings: RunSettings, round: number, dimension: number): SumNoise | null {
  const { privacy, scale, clip, encoding } = settings;
  if (privacy === undefined) return null;
  const seed = noiseSeed(settings, round);
  const sigma = sumMultiplier(privacy.noiseMultiplier, privacy.clipping);
  return {
    deviation: sigma * sensitivity({ scale, clip }, dimension, 1, encoding),
    bytesOf: (block) => seededBytes(seed, 'noise', block),
  };
}

/** The next round's clip, and what it follows from. */
function adapted(
  settings: RunSettings,
  round: number,
  { cohort, within }: Collected,
): { unclipped: number | null; clip: number } {
  const { clip, privacy } = settings;
  const rule = privacy?.clipping;
  if (rule === undefined) return { unclipped: null, clip };
  const bits = seededBytes(noiseSeed(settings, round), 'bits');
  const { unclipped, nextClip } = adaptClip({ clip, within, updates: cohort.count }, rule, bits);
  return { unclipped, clip: nextClip };
}

/** From the run's seed, so that it can be run again: real noise comes from the system's generator. */
function noiseSeed({ seed }: RunSettings, round: number): Uint8Array {
  const random = new Random(seed, 'noise', round);
  return Uint8Array.from({ length: SEED_BYTES }, () => random.below(256));
}

/** ε of so many releases for a device that takes part in as many as its tokens allow. */
function epsilonOf({ privacy, quota = Infinity }: RunSettings, releases: number): number | null {
  if (privacy === undefined) return null;
  const row = { mechanism: 'gaussian', sigma: privacy.noiseMultiplier, count: Math.min(releases, quota) } as const;
  return privacySpent([row], privacy.delta).epsilon;
}

const isOverBudget = (settings: RunSettings, releases: number): boolean =>
  settings.privacy !== undefined && epsilonOf(settings, releases)! > settings.privacy.epsilonMax;
