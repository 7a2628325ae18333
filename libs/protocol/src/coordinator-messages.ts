import { z } from 'zod';

import { ClippingWish, type ClippingTerms } from './clipping.js';
import { EncodingChoice } from './encoding.js';
import { MAX_LOSS_BOUND } from './evaluation.js';
import { SLOTS_PER_REQUEST } from './issuer-messages.js';
import { MAX_REUSE } from './manifest.js';
import { count, Digest, hex, text, UseCaseId } from './message-fields.js';

export const SCOPES = [
  'use-cases:write',
  'rounds:write',
  'models:read',
  'models:write',
  'keys:write',
  'accounts:write',
  'audit:read',
  'operations:read',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Credential suites that a use case may have. */
export const SUITES = [
  'poprf-ristretto255-sha512',
  'acs-ristretto255-exp-hmac',
  'acs-ristretto255-exp-sdhi',
  'acs-ristretto255-exp-naor-reingold',
  'acs-ristretto255-mul-hmac',
  'acs-ristretto255-mul-sdhi',
  'acs-ristretto255-mul-naor-reingold',
  'acs-ed25519-exp-hmac',
  'acs-ed25519-exp-sdhi',
  'acs-ed25519-exp-naor-reingold',
  'acs-ed25519-mul-hmac',
  'acs-ed25519-mul-sdhi',
  'acs-ed25519-mul-naor-reingold',
] as const;

/** `{ "name": "FedAdam", "learningRate": 0.03 }`: what is left out has the strategy's own default. */
export const StrategyChoice = z
  .object({ name: z.string().regex(/^[A-Za-z][\w-]{0,63}$/) })
  .catchall(z.union([z.number(), z.string().max(64)]))
  .refine((choice) => {
    const options = Object.entries(choice).filter(([name]) => name !== 'name');
    const isOption = ([name, value]: [string, unknown]): boolean =>
      name !== 'privacy' && /^[A-Za-z]\w{0,31}$/.test(name) && Number.isFinite(value);
    return options.length <= 16 && options.every(isOption);
  }, 'options are up to 16 numbers by their names');
export type StrategyChoice = z.infer<typeof StrategyChoice>;

/** Device-level differential privacy of what is published: discrete Gaussian noise on every sum. */
const PrivacyFields = z.strictObject({
  /** σ: the noise's deviation over what one device can change */
  noiseMultiplier: z.number().min(0.01).max(1000),
  delta: z.number().gt(0).max(0.01).default(1e-6),
  /** no round starts that could make all releases cost more */
  epsilonMax: z.number().positive().max(1000),
  /** lets the clip follow what updates need; `clip` is the first round's then, and else every round's */
  clipping: ClippingWish.optional(),
  /** noise that cancels from round to round, as that of a tree over the slots; independent noise when left out */
  mechanism: z.literal('tree').optional(),
  /** b: two rounds of one device are so many slots apart at least */
  separation: z.int().min(1).max(1024).optional(),
  /** as many as one tree spans */
  epochs: z.int().min(1).max(4096).optional(),
});
export const PrivacyPlan = PrivacyFields.refine(
  ({ mechanism, separation, epochs }) =>
    [mechanism, separation, epochs].every((field) => field === undefined) ||
    [mechanism, separation, epochs].every((field) => field !== undefined),
  'a tree needs mechanism, separation and epochs',
);
export type PrivacyPlan = z.infer<typeof PrivacyPlan>;
/** The same as a task keeps it. */
export type PrivacyTerms = Omit<PrivacyPlan, 'clipping'> & { readonly clipping?: ClippingTerms };

/** Noise of a tree: what a plan says of it. */
export interface TreePlan {
  readonly separation: number;
  readonly epochs: number;
}

export const treePlanOf = ({
  mechanism,
  separation = 1,
  epochs = 1,
}: Pick<PrivacyPlan, 'mechanism' | 'separation' | 'epochs'>): TreePlan | undefined =>
  mechanism === undefined ? undefined : { separation, epochs };

export const CreateUseCase = z.strictObject({
  id: UseCaseId,
  title: text(120),
  suite: z.enum(SUITES).default(SUITES[0]),
  epochSeconds: z.int().min(60).max(31_536_000).default(3600),
  slots: z.int().min(1).max(1024).default(64),
  batch: z.int().min(1).max(SLOTS_PER_REQUEST).default(16),
  /** tokens a device gets in an epoch at most; all slots when left out */
  quota: z.int().min(1).max(1024).optional(),
  /** tokens a second that each issuer process gives this use case at most; only the issuer's own limit when left out */
  tokensPerSecond: z.int().min(1).max(1_000_000).optional(),
  /** r: rounds that one token is good for; above 1 they can be linked to each other */
  reuse: z.int().min(1).max(MAX_REUSE).default(1),
  /** epochs a primary key is for before another follows by itself; one key for ever when left out */
  keyEpochs: z.int().min(1).max(1_000_000).optional(),
  kMin: count.default(40),
  jitterMs: z.int().min(0).max(86_400_000).default(1000),
  scale: z
    .int()
    .min(1)
    .max(2 ** 30)
    .default(65_536),
  /** how an update's numbers travel; what is narrower than int32 takes a scale that fits it */
  encoding: EncodingChoice.default('int32'),
  /** in whole millionths, as the manifest says it: intake and worker check against the very same bound */
  clip: z
    .number()
    .min(1e-6)
    .max(1e6)
    .overwrite((clip) => Math.round(clip * 1e6) / 1e6)
    .default(10),
  /** how updates become the next model: a strategy's name, and its options beside it */
  strategy: StrategyChoice.default({ name: 'FedAvg' }),
  privacy: PrivacyPlan.optional(),
  /** what an update may count; when left out each counts 1, or what its strategy says */
  weightLevels: z.array(z.int().min(1).max(65_535)).min(1).max(8).optional(),
  chunkBytes: z.int().min(1024).max(262_144).default(262_144),
  uploadDeadlineMs: z.int().min(1000).max(3_600_000).default(60_000),
  /** digest of an uploaded TensorFlow.js model topology; leave out for a bare layout */
  topology: Digest.optional(),
  layout: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\x21-\x7e]{1,128}$/),
        shape: z
          .array(
            z
              .int()
              .min(1)
              .max(2 ** 28),
          )
          .max(8),
      }),
    )
    .min(1)
    .max(4096),
  /** digest of the uploaded initial model (safetensors, in the layout's order) */
  initialModel: Digest,
  /** digest of an uploaded evaluation set (safetensors: `inputs`, `labels`) that no device trains on */
  evaluationSet: Digest.optional(),
});
export type CreateUseCase = z.infer<typeof CreateUseCase>;

/** A use case as it is kept. */
export type UseCaseDraft = Omit<CreateUseCase, 'weightLevels' | 'privacy'> & {
  readonly weightLevels: readonly number[];
  readonly privacy?: PrivacyTerms | undefined;
};

export const CreateEnrolmentCode = z.strictObject({
  uses: count,
  expiresInSeconds: z.int().min(1).max(31_536_000).default(86_400),
});

export type CreateEnrolmentCode = z.infer<typeof CreateEnrolmentCode>;

export const RevokeEnrolmentCode = z.strictObject({ code: z.string().min(1).max(64) });
export type RevokeEnrolmentCode = z.infer<typeof RevokeEnrolmentCode>;

/** What ends a plan before its last round. */
export const PlanGoal = z
  .strictObject({
    /** a model of the plan, or the one that it begins with, is at least this accurate */
    accuracy: z.number().gt(0).max(1).optional(),
    /** the best of so many rounds is not better by `minGain` than the best before them */
    patience: z.int().min(1).max(1000).optional(),
    minGain: z.number().min(0).max(1).optional(),
  })
  .refine(({ accuracy, patience }) => accuracy !== undefined || patience !== undefined, 'accuracy or patience')
  .refine(({ patience, minGain }) => minGain === undefined || patience !== undefined, 'minGain goes with patience');
export type PlanGoal = z.infer<typeof PlanGoal>;

export const StartRounds = z
  .strictObject({
    count: z.int().min(1).max(1000).default(1),
    min: count,
    target: count,
    deadlineSeconds: z.int().min(1).max(604_800).default(600),
    /** how long a round waits for its tokens once it is its turn; a day, or three epochs if that is more, when left out */
    waitSeconds: z.int().min(1).max(31_536_000).optional(),
    /** how long it waits for the worker to close it, and then to sum it up */
    finishSeconds: z.int().min(1).max(31_536_000).default(3600),
    /** the model version that the first result is made from; the newest when left out */
    from: z.int().min(0).max(1_000_000_000).optional(),
    /** ends the plan before its last round: each round waits until the model before it is measured */
    until: PlanGoal.optional(),
  })
  .refine(({ min, target }) => min <= target, 'min must not exceed target');
export type StartRounds = z.infer<typeof StartRounds>;

/** Let devices measure a model version on data that they do not train on. */
export const StartEvaluation = z
  .strictObject({
    /** the model version; the newest when left out */
    version: z.int().min(0).max(1_000_000_000).optional(),
    min: count,
    target: count,
    /** a device's loss counts as this at most: in whole thousandths, as the round record says it */
    lossBound: z
      .number()
      .min(0.001)
      .max(MAX_LOSS_BOUND)
      .overwrite((bound) => Math.round(bound * 1000) / 1000)
      .default(10),
    deadlineSeconds: z.int().min(1).max(604_800).default(600),
    /** as of a training round */
    waitSeconds: z.int().min(1).max(31_536_000).optional(),
    finishSeconds: z.int().min(1).max(31_536_000).default(3600),
  })
  .refine(({ min, target }) => min <= target, 'min must not exceed target');
export type StartEvaluation = z.infer<typeof StartEvaluation>;

export const RevokeApiKey = z.strictObject({ id: hex(8) });
export type RevokeApiKey = z.infer<typeof RevokeApiKey>;

export const CreateApiKey = z.strictObject({ name: text(80), scopes: z.array(z.enum(SCOPES)).min(1) });

export type CreateApiKey = z.infer<typeof CreateApiKey>;
