import { z } from 'zod';

import { ClientError } from './errors.js';
import { Bytes } from './stored-bytes.js';

/*
 * What a device keeps between two runs: one JSON document, bytes in hex.
 */

const Position = { epoch: z.int().min(0), slot: z.int().min(0) };

const Identity = z.strictObject({
  useCase: z.string(),
  /** Ed25519 */
  secretKey: Bytes,
  /** absent until the issuer has answered */
  deviceId: z.string().optional(),
  /** the manifest of last time */
  manifestVersion: z.int(),
  manifestDigest: Bytes,
});

const PendingSlot = z.strictObject({
  slot: z.int().min(0),
  state: z.strictObject({
    suite: z.string(),
    inputs: z.array(Bytes),
    blinds: z.array(Bytes),
    blinded: z.array(Bytes),
    public: Bytes,
    attributes: Bytes,
  }),
});

const PendingBatch = z.strictObject({ epoch: z.int().min(0), slots: z.array(PendingSlot) });

const TokenUse = z.strictObject({
  useNo: z.int().min(0),
  /** the exact bytes that were sent, or were about to be */
  header: Bytes,
  mac: Bytes,
  /** what intake said in the end; absent while in doubt */
  settled: z.union([z.strictObject({ receipt: Bytes }), z.strictObject({ refused: z.string() })]).optional(),
});

const StoredToken = z.strictObject({
  ...Position,
  /** t, 32 bytes */
  token: Bytes,
  /** the suite's output for it, 64 bytes, secret */
  prf: Bytes,
  /** when it was asked for by the device's clock, unix ms */
  fetchedAt: z.int().optional(),
  /** at most as many as the manifest's `reuse`, each in a round of its own */
  uses: z.array(TokenUse),
});

/** An update that intake acknowledged; kept until an audit has looked for it in the accepted list. */
const SentUpdate = z.strictObject({ header: Bytes, receipt: Bytes });
const Appointment = z.strictObject({ epoch: z.int(), at: z.int(), done: z.boolean() });

const WalletState = z.strictObject({
  identity: Identity.optional(),
  pending: PendingBatch.optional(),
  tokens: z.array(StoredToken),
  /** slots that can never get a token: the issuer charged for them and the blinds are gone */
  lost: z.array(z.strictObject(Position)),
  sent: z.array(SentUpdate).default([]),
  /** when tokens are fetched: kept, so that starting again does not draw again */
  appointments: z.array(Appointment).default([]),
});

export type Identity = z.output<typeof Identity>;
export type PendingBatch = z.output<typeof PendingBatch>;
export type TokenUse = z.output<typeof TokenUse>;
export type SentUpdate = z.output<typeof SentUpdate>;
export type StoredToken = z.output<typeof StoredToken>;
export type WalletState = z.output<typeof WalletState>;

export const EMPTY_WALLET: WalletState = { tokens: [], lost: [], sent: [], appointments: [] };

export function encodeWallet(state: WalletState): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(z.encode(WalletState, state)));
}

/** @throws ClientError `damaged_store` */
export function decodeWallet(bytes: Uint8Array): WalletState {
  try {
    return z.decode(WalletState, JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    // No cause: it would quote secrets.
    throw new ClientError('damaged_store', 'the stored wallet cannot be read');
  }
}
