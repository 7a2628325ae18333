import { z } from 'zod';

import { MAX_HEADER_BYTES } from './header.js';
import { MAX_REUSE } from './manifest.js';

/*
 * What travels as JSON or as socket.io messages. Nothing here is ever hashed, signed or under a MAC;
 * bytes in JSON are lower-case hex. Objects are strict: an unknown field is refused, because a free
 * field is a fingerprint.
 */

/** Lower-case hex of exactly `bytes` bytes, or of at most `max`. */
export const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes in hex`);
const hexUpTo = (max: number) =>
  z
    .string()
    .max(2 * max)
    .regex(/^([0-9a-f]{2})*$/, `up to ${max} bytes in hex`);

export const UseCaseId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes, up to 63');
export const RoundId = z.uuid();
export const Digest = hex(32);
const count = z.int().min(1).max(1_000_000);
/** For people. PostgreSQL keeps no NUL, and UTF-8 no half of a surrogate pair. */
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'no control characters');

// --- issuer -----------------------------------------------------------------

export const EnrolRequest = z.strictObject({
  useCase: UseCaseId,
  code: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\x21-\x7e]+$/),
  publicKey: hex(32),
  signature: hex(64),
});
export type EnrolRequest = z.infer<typeof EnrolRequest>;
export interface EnrolReply {
  readonly deviceId: string;
}

export const SLOTS_PER_REQUEST = 256;

export const TokensRequest = z
  .strictObject({
    epoch: z.int().min(0).max(0xffffffff),
    slots: z.array(z.int().min(0).max(0xffff)).min(1).max(SLOTS_PER_REQUEST),
    blinded: z.array(hexUpTo(64)).min(1).max(SLOTS_PER_REQUEST),
  })
  .refine(({ slots, blinded }) => slots.length === blinded.length, 'one blinded element a slot')
  .refine(({ slots }) => slots.every((slot, i) => i === 0 || slot > slots[i - 1]!), 'slots strictly increasing');
export type TokensRequest = z.infer<typeof TokensRequest>;
export interface TokensReply {
  readonly evaluated: readonly string[];
  /** one a slot: a POPRF proof is under one info */
  readonly proofs: readonly string[];
}

/** Headers of a signed issuance request. */
export const DEVICE_HEADERS = {
  device: 'starling-device',
  timestamp: 'starling-timestamp',
  nonce: 'starling-nonce',
  signature: 'starling-signature',
} as const;

export const DeviceHeaders = z.object({
  'starling-device': z.uuid(),
  'starling-timestamp': z.string().regex(/^\d{1,15}$/),
  'starling-nonce': hex(16),
  'starling-signature': hex(64),
});

/** Where issuance stands, by the database's clock. */
export interface SlotsReply {
  /** the current epoch */
  readonly epoch: number;
  /** first slot of it that may still be issued; `slots` when none is left */
  readonly nextSlot: number;
}

export interface ManifestReply {
  /** canonical manifest bytes, hex */
  readonly manifest: string;
  /** Ed25519 over them, hex */
  readonly signature: string;
}

// --- intake -----------------------------------------------------------------

const bytes = (max: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= max, `up to ${max} bytes`);

export const SubmitOpen = z.strictObject({ header: bytes(MAX_HEADER_BYTES), mac: bytes(32) });
export type SubmitOpen = z.infer<typeof SubmitOpen>;

export const UploadChunk = z.strictObject({ index: z.int().min(0).max(0xffffffff), bytes: bytes(2 ** 22) });
export type UploadChunk = z.infer<typeof UploadChunk>;

export const UploadCommit = z.strictObject({});

/** `receipt` at once where the same submission was accepted before. */
export type SubmitOpenAck =
  | { readonly ok: true; readonly permit: Uint8Array; readonly chunkBytes: number; readonly nextIndex: number }
  | { readonly ok: true; readonly receipt: Uint8Array }
  | RefusalAck;
export type UploadChunkAck = { readonly ok: true; readonly nextIndex: number } | RefusalAck;
export type UploadCommitAck = { readonly ok: true; readonly receipt: Uint8Array } | RefusalAck;
export interface RefusalAck {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

// --- coordinator ------------------------------------------------------------

export const SCOPES = ['use-cases:write', 'rounds:write', 'models:read', 'models:write', 'keys:write'] as const;
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
  kMin: count.default(40),
  jitterMs: z.int().min(0).max(86_400_000).default(1000),
  scale: z
    .int()
    .min(1)
    .max(2 ** 30)
    .default(65_536),
  /** in whole millionths, as the manifest says it: intake and worker check against the very same bound */
  clip: z
    .number()
    .min(1e-6)
    .max(1e6)
    .overwrite((clip) => Math.round(clip * 1e6) / 1e6)
    .default(10),
  /** the server's step: x' = x + learningRate · mean + momentum · (x − x₋₁) */
  serverStep: z
    .strictObject({
      learningRate: z.number().positive().max(100).default(1),
      momentum: z.number().min(0).lt(1).default(0),
    })
    .default({ learningRate: 1, momentum: 0 }),
  weightLevels: z.array(z.int().min(1).max(65_535)).min(1).max(8).default([1]),
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

export const CreateEnrolmentCode = z.strictObject({
  uses: count,
  expiresInSeconds: z.int().min(1).max(31_536_000).default(86_400),
});

export type CreateEnrolmentCode = z.infer<typeof CreateEnrolmentCode>;

export const RevokeEnrolmentCode = z.strictObject({ code: z.string().min(1).max(64) });
export type RevokeEnrolmentCode = z.infer<typeof RevokeEnrolmentCode>;

export const StartRounds = z
  .strictObject({
    count: z.int().min(1).max(1000).default(1),
    min: count,
    target: count,
    deadlineSeconds: z.int().min(1).max(604_800).default(600),
  })
  .refine(({ min, target }) => min <= target, 'min must not exceed target');
export type StartRounds = z.infer<typeof StartRounds>;

export const CreateApiKey = z.strictObject({ name: text(80), scopes: z.array(z.enum(SCOPES)).min(1) });

export type CreateApiKey = z.infer<typeof CreateApiKey>;

export const ROUND_STATES = ['scheduled', 'open', 'frozen', 'published', 'abandoned'] as const;
export type RoundState = (typeof ROUND_STATES)[number];
export const ABANDON_REASONS = ['too_few', 'aborted', 'failed'] as const;
export type AbandonReason = (typeof ABANDON_REASONS)[number];

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
  readonly modelOut: string | null;
  /** Merkle root of the accepted list, hex */
  readonly acceptedRoot: string | null;
  readonly accuracy: number | null;
  readonly loss: number | null;
  readonly openedAt: string | null;
  readonly closesAt: string | null;
  readonly frozenAt: string | null;
  readonly publishedAt: string | null;
}

export interface ModelView {
  readonly digest: string;
  readonly useCase: string;
  /** 0 is the initial model; version v is what round v of the use case published */
  readonly version: number;
  readonly roundId: string | null;
  readonly parameters: number;
  readonly accuracy: number | null;
  readonly loss: number | null;
  readonly createdAt: string;
}

export interface UseCaseView {
  readonly id: string;
  readonly title: string;
  readonly state: 'draft' | 'live';
  readonly kMin: number;
  readonly parameters: number;
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

/** Namespace `/events`: announced to everybody alike. */
export interface CoordinatorEvents {
  'round:opened': (round: RoundView) => void;
  'round:progress': (round: RoundView) => void;
  /** frozen, or abandoned with its reason */
  'round:closed': (round: RoundView) => void;
  'model:published': (event: { readonly round: RoundView; readonly model: ModelView }) => void;
}
