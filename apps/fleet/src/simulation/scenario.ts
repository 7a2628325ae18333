import { z } from 'zod';

import { BOOK, LearningError, maxCoordinate, Strategies } from '#learning';
import { PrivacyPlan, StrategyChoice } from '#protocol';

import { PartitionPlan } from '../data/index.js';
import { ATTACK_KINDS } from './attacks/index.js';
import { TASK_NAMES, TASKS } from './tasks.js';

const share = z.number().min(0).max(1);

/** Everything that one run is made of. Its results follow from it alone, but for the time it takes. */
const settings = {
  task: z.enum(TASK_NAMES),
  devices: z.int().min(1).max(100_000),
  rounds: z.int().min(1).max(10_000),
  seed: z.int().min(0).default(1),
  /** examples dealt out; all there are but the test set's when left out */
  examples: z.int().min(1).optional(),
  partition: PartitionPlan.default({ kind: 'iid' }),
  /** examples that each device gets at least, where the partition skews */
  minimum: z.int().min(1).default(10),
  /** devices asked in a round, drawn anew for each; all when left out */
  cohort: z.int().min(1).optional(),
  /** rounds that a device takes part in at most, as its tokens would have it; all when left out */
  quota: z.int().min(1).optional(),
  strategy: StrategyChoice.default({ name: 'FedAvg' }),
  privacy: PrivacyPlan.refine(
    ({ mechanism }) => mechanism === undefined,
    'the noise of a tree is not simulated',
  ).optional(),
  training: z
    .strictObject({
      localEpochs: z.int().min(1).max(1000).default(1),
      batchSize: z.int().min(1).max(10_000).default(20),
      learningRate: z.number().positive().max(100).default(0.1),
    })
    .prefault({}),
  /** L2 bound of a delta */
  clip: z.number().positive().max(1e9).default(4),
  /** grid steps a unit */
  scale: z
    .number()
    .positive()
    .max(2 ** 26)
    .default(2 ** 16),
  attackers: z
    .strictObject({
      kind: z.enum(ATTACK_KINDS),
      share: share.max(0.999),
      /** what it means, and what it is when left out, is the attack's */
      strength: z.number().positive().max(1e6).optional(),
      /** false: they send more than the clip allows, and are refused where they do */
      clip: z.boolean().default(true),
    })
    .optional(),
  /** chance that a device that was asked is never heard of again in this round */
  dropouts: share.default(0),
  /** devices that take `factor` times as long as the others, whose training takes 1 */
  stragglers: z.strictObject({ share, factor: z.number().min(1).max(1e6) }).optional(),
  /** updates that take longer come too late, and do not count; the slowest is waited for when left out */
  deadline: z.number().min(1).optional(),
  /** accuracy whose round is noted */
  goal: share.optional(),
  /** whether to train once on all examples in one place, for comparison */
  centralised: z.boolean().default(true),
};

const RunSettings = z.strictObject(settings);
export type RunSettings = z.output<typeof RunSettings>;

/** Any of a run's settings: each replaces the scenario's whole. */
const Override = z.record(z.string(), z.unknown());
/** Named values of one axis of a table. */
const Axis = z.record(z.string().min(1).max(80), Override).refine((axis) => Object.keys(axis).length > 0, 'is empty');

const Scenario = z.looseObject({
  title: z.string().min(1).max(200),
  /** axes by name: every combination of their values is a run */
  runs: z.record(z.string().min(1).max(80), Axis).default({}),
});

/** One run of a scenario. */
export interface Run {
  /** its place on each axis, by the axis's name */
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: RunSettings;
}

export interface RunPlan {
  readonly title: string;
  readonly axes: Readonly<Record<string, readonly string[]>>;
  readonly runs: readonly Run[];
}

const MOST_RUNS = 1000;

/**
 * What a scenario file says.
 *
 * @throws ScenarioError that names every bad field, and the run it is in
 */
export function readScenario(file: unknown): RunPlan {
  const parsed = Scenario.safeParse(file);
  if (!parsed.success) throw new ScenarioError(z.prettifyError(parsed.error));
  const { title, runs: axes, ...base } = parsed.data;
  const count = Object.values(axes).reduce((product, axis) => product * Object.keys(axis).length, 1);
  if (count > MOST_RUNS) throw new ScenarioError(`✖ ${count} runs; at most ${MOST_RUNS}\n  → at runs`);
  const runs = Object.entries(axes).reduce<Draft[]>(
    (drafts, [name, axis]) =>
      drafts.flatMap(({ labels, fields }) =>
        Object.entries(axis).map(([value, more]) => ({
          labels: { ...labels, [name]: value },
          fields: { ...fields, ...more },
        })),
      ),
    [{ labels: {}, fields: base }],
  );
  return {
    title,
    axes: Object.fromEntries(Object.entries(axes).map(([name, axis]) => [name, Object.keys(axis)])),
    runs: runs.map(readRun),
  };
}

export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

interface Draft {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, unknown>>;
}

export const nameOf = ({ labels }: Pick<Run, 'labels'>): string => Object.values(labels).join(', ') || 'run';

function readRun({ labels, fields }: Draft): Run {
  const parsed = RunSettings.safeParse(fields);
  const where = Object.keys(labels).length === 0 ? '' : `In the run ${nameOf({ labels })}:\n`;
  if (!parsed.success) throw new ScenarioError(where + z.prettifyError(parsed.error));
  const problems = contradictions(parsed.data).map(([field, sentence]) => `✖ ${sentence}\n  → at ${field}`);
  if (problems.length > 0) throw new ScenarioError(where + problems.join('\n'));
  return { labels, settings: parsed.data };
}

/** What no field shows alone. */
function contradictions(run: RunSettings): (readonly [field: string, sentence: string])[] {
  const { devices, cohort = devices, rounds, quota = rounds, clip, scale, partition, privacy, attackers } = run;
  const problems: (readonly [string, string])[] = [];
  if (cohort > devices) problems.push(['cohort', `${cohort} of ${devices} devices cannot be asked`]);
  if (cohort * rounds > devices * quota) {
    problems.push(['quota', `${devices} devices with ${quota} rounds each are not enough for ${cohort} in ${rounds}`]);
  }
  const { isDigits } = TASKS[run.task];
  if (partition.kind === 'natural' && isDigits) {
    problems.push(['partition', 'The digits do not say who wrote them: there is no natural partition of them']);
  }
  if (!isDigits && (attackers?.kind === 'backdoor' || attackers?.kind === 'label_flip')) {
    problems.push(['attackers', `${attackers.kind} is made for the digits`]);
  }
  refusal(
    () => maxCoordinate({ clip, scale }),
    (sentence) => problems.push(['scale', sentence]),
  );
  refusal(
    () => {
      const { aggregator } = STRATEGIES.make(run.strategy);
      if (privacy !== undefined && aggregator.reads !== 'sum') {
        problems.push(['privacy', `Noise goes with strategies that average, which ${run.strategy.name} does not`]);
      }
    },
    (sentence) => problems.push(['strategy', sentence]),
  );
  const needsMore = { FedProx: 'a pull on the devices', QFedAvg: 'the losses of the devices' }[run.strategy.name];
  if (needsMore !== undefined)
    problems.push(['strategy', `${run.strategy.name} needs ${needsMore}, which is not simulated`]);
  return problems;
}

/** The same as the servers have, but for a researcher's own. */
export const STRATEGIES = new Strategies(BOOK);

function refusal(check: () => unknown, onRefusal: (sentence: string) => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof LearningError)) throw error;
    onRefusal(error.message);
  }
}
