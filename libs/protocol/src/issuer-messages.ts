import { z } from 'zod';

import { hex, hexUpTo, UseCaseId } from './message-fields.js';

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

/** The public key of one slot, where its suite proves it. Bytes in hex. */
export interface DerivedKeyReply {
  readonly publicKey: string;
  readonly proof: string;
}

/** The public keys of an epoch's slots, in order, where devices have to find them in the log. Bytes in hex. */
export interface DerivedKeysReply {
  readonly publicKeys: readonly string[];
}

export interface ManifestReply {
  /** canonical manifest bytes, hex */
  readonly manifest: string;
  /** Ed25519 over them, hex */
  readonly signature: string;
}
