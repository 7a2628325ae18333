import { z } from 'zod';

import type { Scope } from './coordinator-messages.js';
import { hex } from './message-fields.js';

export const ROUND_STATES = ['scheduled', 'open', 'frozen', 'published', 'abandoned'] as const;
export type RoundState = (typeof ROUND_STATES)[number];
/** `plan_done`: what its plan was for was reached, or came no nearer, before it was its turn */
export const ABANDON_REASONS = ['too_few', 'aborted', 'failed', 'plan_done'] as const;
export type AbandonReason = (typeof ABANDON_REASONS)[number];

/** What a model is worth, as devices found it: each counts 1. */
export interface DeviceFigures {
  readonly accuracy: number;
  /** each device's up to the round's bound */
  readonly loss: number;
  readonly devices: number;
}

/** A round as people see it. Times are ISO 8601. */
export interface RoundView {
  readonly id: string;
  readonly useCase: string;
  /** position among the use case's rounds, from 1 */
  readonly sequence: number;
  readonly state: RoundState;
  /** abandoned: why */
  readonly reason: AbandonReason | null;
  /** a sentence: what a scheduled round waits for, or why an abandoned one was given up */
  readonly detail: string | null;
  readonly epoch: number | null;
  readonly slot: number | null;
  readonly min: number;
  readonly target: number;
  readonly deadlineSeconds: number;
  /** tokens issued for the slot when the round took it: the anonymity set */
  readonly issued: number | null;
  /** headers whose token held */
  readonly submitted: number;
  readonly accepted: number;
  /** by code */
  readonly refusals: Readonly<Record<string, number>>;
  readonly modelIn: string | null;
  /** the version that it is */
  readonly baseVersion: number | null;
  readonly modelOut: string | null;
  /** Merkle root of the accepted list, hex */
  readonly acceptedRoot: string | null;
  /** what all releases of the use case cost up to this one; null where there is no noise */
  readonly epsilon: number | null;
  /** on its sum: of its own, or that of a tree over the slots; null where there is none */
  readonly noise: 'independent' | 'tree' | 'banded' | null;
  /** where the noise is a tree's, slots between two rounds of one device, at least */
  readonly separation: number | null;
  /** adaptive clipping: what its updates are clipped to, once it is announced; null where the clip is the use case's */
  readonly clip: number | null;
  /** adaptive clipping: the share of its updates that needed none, with noise, so that it may lie outside of [0, 1] */
  readonly unclipped: number | null;
  /** of the model that it published or measures, on the server's evaluation set */
  readonly accuracy: number | null;
  readonly loss: number | null;
  /** the model version that devices measure; null where they train */
  readonly evaluates: number | null;
  /** what devices found, once that is published */
  readonly onDevices: DeviceFigures | null;
  readonly openedAt: string | null;
  readonly closesAt: string | null;
  readonly frozenAt: string | null;
  readonly publishedAt: string | null;
  /** a sentence: what a round that is not over, or whose model is not measured yet, waits for */
  readonly waitsFor: string | null;
  /** until when it waits for that; null before its turn, and once it is over */
  readonly waitsUntil: string | null;
  /** the abandoned round in whose place it is */
  readonly retryOf: string | null;
  /** rounds that were started together, from an older version or until something holds */
  readonly plan: string | null;
}

export interface ModelView {
  readonly digest: string;
  readonly useCase: string;
  /** 0 is the initial model; version v is what round v of the use case published */
  readonly version: number;
  readonly roundId: string | null;
  /** position of its round among the use case's; null for the initial model */
  readonly round: number | null;
  /** the version that its round began with */
  readonly parent: number | null;
  /** of its use case: name and options as canonical JSON */
  readonly strategy: string | null;
  /** how updates were encoded */
  readonly encoding: string | null;
  /** what all releases of the use case cost up to this one; null where there is no noise */
  readonly epsilon: number | null;
  /** position of its result in the log; null until it is logged, and for the initial model: its manifest names it */
  readonly leaf: number | null;
  readonly parameters: number;
  readonly accuracy: number | null;
  readonly loss: number | null;
  /** of the last round that measured it on devices */
  readonly onDevices: DeviceFigures | null;
  readonly createdAt: string;
}

/** What rounds of a use case came to. */
export interface MetricsView {
  readonly useCase: string;
  /** of model version 0 */
  readonly initial: { readonly accuracy: number | null; readonly loss: number | null };
  /** those that opened and are over, oldest first */
  readonly rounds: readonly RoundMetrics[];
}

export const NORM_QUANTILES = ['p10', 'p25', 'p50', 'p75', 'p90'] as const;

export interface RoundMetrics {
  /** position among the use case's rounds, from 1 */
  readonly round: number;
  readonly roundId: string;
  readonly state: 'published' | 'abandoned';
  readonly reason: AbandonReason | null;
  /** of the model that it published, and of the one that it began with */
  readonly version: number | null;
  readonly parent: number | null;
  /** the model version that devices measured; null where they trained. Accuracy and loss are then that one's */
  readonly evaluates: number | null;
  readonly accuracy: number | null;
  readonly loss: number | null;
  readonly onDevices: DeviceFigures | null;
  readonly epsilon: number | null;
  /** adaptive clipping: its clip, and the share of updates within it, with noise */
  readonly clip: number | null;
  readonly unclipped: number | null;
  readonly issued: number;
  readonly submitted: number;
  /** updates that count */
  readonly cohort: number;
  /** by code */
  readonly refusals: Readonly<Record<string, number>>;
  /** L2 norms of the cohort's updates, three digits; null for private tasks: nobody accounts for them */
  readonly updateNorms: Readonly<Record<(typeof NORM_QUANTILES)[number], number>> | null;
  readonly seconds: PhaseSeconds;
  /** when it was published or closed */
  readonly endedAt: string;
}

/** What curves are drawn from: a few figures of each round that `MetricsView` has. */
export interface CurvesView {
  readonly useCase: string;
  readonly rounds: readonly RoundFigures[];
}

export type RoundFigures = Pick<
  RoundMetrics,
  'round' | 'evaluates' | 'accuracy' | 'loss' | 'onDevices' | 'epsilon' | 'clip' | 'issued' | 'refusals'
>;

/** How long a round was in each phase; null where it never was, or not yet all the way. */
export interface PhaseSeconds {
  /** for tokens, its epoch and the log, once it was its turn */
  readonly waiting: number | null;
  readonly open: number | null;
  readonly fold: number | null;
  readonly publish: number | null;
  readonly evaluate: number | null;
}

/** A part of a use case's rounds. */
export interface RoundsPage {
  /** in ascending sequence, without gaps */
  readonly rounds: readonly RoundView[];
  /** sequence of the last round that there is; 0 where there is none */
  readonly last: number;
}

/** Rounds that a page has at most. */
export const ROUNDS_PER_PAGE = 100;

export const KEY_STATES = ['announced', 'live', 'retired'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** A primary key as people see it: never the key. */
export interface KeyView {
  readonly useCase: string;
  /** first 8 bytes of the public key's SHA-256, hex; of another thing where the suite has no public key */
  readonly id: string;
  readonly firstEpoch: number;
  /** null for the newest: until another is announced */
  readonly lastEpoch: number | null;
  /** live: tokens are issued or redeemed under it; announced: not yet; retired: not any more */
  readonly state: KeyState;
  /** blinded elements evaluated under it; half a second late */
  readonly evaluations: number;
  /** a sentence: what to do about it */
  readonly advice: string | null;
}

/** A researcher's key as people see it: never the key. */
export interface ApiKeyView {
  /** first 8 bytes of the key's SHA-256, hex */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly revoked: boolean;
  readonly createdAt: string;
}

/** What a device needs to take part: the record names the model, the slot and the rules. */
export interface OpenRoundReply {
  readonly roundId: string;
  /** canonical round record, hex */
  readonly record: string;
  /** how long the round has been open, ms: devices spread their submissions from the opening, not from now */
  readonly openForMs: number;
}

/** A tree head of the transparency log; bytes in hex. */
export const TreeHeadReply = z.object({
  size: z.int().min(0),
  root: hex(32),
  /** unix ms */
  timestamp: z.int().min(0),
  signature: hex(64),
  /** a witness's */
  cosignature: hex(64).optional(),
});
export type TreeHeadReply = z.infer<typeof TreeHeadReply>;

/** Heads that one page of `GET /v1/log/heads/:page` has. */
export const HEADS_PER_PAGE = 256;

/** Namespace `/events`: announced to everybody alike. */
export interface CoordinatorEvents {
  'round:opened': (round: RoundView) => void;
  'round:progress': (round: RoundView) => void;
  /** frozen, or abandoned with its reason; or published, where devices measured a model */
  'round:closed': (round: RoundView) => void;
  'model:published': (event: { readonly round: RoundView; readonly model: ModelView }) => void;
}

const address = z
  .string()
  .max(512)
  .regex(/^https?:\/\/\S+[^/\s]$/);

/** `GET /v1/deployment`: where devices find the three processes, and the key that they pin. */
export const DeploymentReply = z.object({
  /** base URLs without a slash at the end */
  issuer: address,
  coordinator: address,
  intake: address,
  /** Ed25519 public key, hex */
  deploymentKey: hex(32),
  version: z.string().max(64),
});
export type DeploymentReply = z.infer<typeof DeploymentReply>;
