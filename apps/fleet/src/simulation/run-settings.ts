import { z } from 'zod';

import { ENCODING, EncodingChoice, PrivacyPlan, settlePrivacy, StrategyChoice, type PrivacyTerms } from '#protocol';

import { PartitionPlan } from '../data/index.js';
import { ATTACK_KINDS } from './attacks/index.js';
import { TASK_NAMES } from './tasks.js';

const share = z.number().min(0).max(1);

/** Everything that one run is made of. Its results follow from it alone, but for the time it takes. */
const settings = {
  task: z.enum(TASK_NAMES),
  devices: z.int().min(1).max(100_000),
  rounds: z.int().min(1).max(10_000),
  seed: z.int().min(0).default(1),
  /** `processes`: through a whole Starling of its own, by real sockets and the clock; else all in this process */
  transport: z.enum(['memory', 'processes']).default('memory'),
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
  encoding: EncodingChoice.default('int32'),
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
  /** how much longer than 1 a device's training may take: each has a time of its own up to 1 + spread */
  spread: z.number().min(0).max(100).default(0),
  /** devices that take `factor` times as long as the others, whose training takes 1 or what `spread` says */
  stragglers: z.strictObject({ share, factor: z.number().min(1).max(1e6) }).optional(),
  /** updates that take longer come too late, and do not count; the slowest is waited for when left out */
  deadline: z.number().min(1).optional(),
  /** processes: updates that end a round, or fill a buffer of FedBuff; as many as are asked when left out */
  target: z.int().min(1).optional(),
  /** processes: how long a training of 1 takes at least, ms */
  trainingMs: z.int().min(0).max(3_600_000).default(0),
  /** processes: W, the window over which devices spread their submissions, ms */
  jitterMs: z.int().min(0).max(3_600_000).default(500),
  /** accuracy whose round is noted */
  goal: share.optional(),
  /** whether the run ends with that round */
  untilGoal: z.boolean().default(false),
  /** whether to train once on all examples in one place, for comparison */
  centralised: z.boolean().default(true),
};

/** As a scenario says it. */
export const RunWish = z.strictObject(settings);
export type RunWish = z.output<typeof RunWish>;

/** With what follows from it. */
export type RunSettings = Omit<RunWish, 'privacy'> & { readonly privacy?: PrivacyTerms | undefined };

/** @throws ProtocolError where the clip cannot adapt so */
export const privacyOf = ({ privacy, clip, scale, devices, cohort = devices }: RunWish): PrivacyTerms | undefined =>
  settlePrivacy(privacy, { clip, scale, encoding: ENCODING.int32, updates: cohort });
