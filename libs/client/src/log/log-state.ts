import { z } from 'zod';

import { ClientError } from '../errors.js';
import { Bytes } from '../stored-bytes.js';
import { EMPTY_HISTORY } from './use-case-history.js';

/*
 * What a device keeps of the log between two runs: one JSON document, bytes in hex.
 */

const position = z.int().min(0);

const StoredHead = z.strictObject({
  size: position,
  root: Bytes,
  timestamp: z.int(),
  signature: Bytes,
  cosignature: Bytes.optional(),
});

const StoredRound = z.strictObject({
  position,
  recordDigest: Bytes,
  roundId: Bytes,
  epoch: position,
  slot: position,
  useNo: position,
  manifestDigest: Bytes,
  modelDigest: Bytes,
  expectedModel: Bytes.optional(),
  min: position,
  issued: position,
  isEvaluation: z.literal(true).optional(),
  end: z.enum(['published', 'evaluated', 'abandoned']).optional(),
});

const History = z.strictObject({
  manifests: z.array(z.strictObject({ version: position, digest: Bytes, signature: Bytes, position })).readonly(),
  keys: z
    .array(
      z.strictObject({ suite: z.string(), keyDigest: Bytes, firstEpoch: position, lastEpoch: position.optional() }),
    )
    .readonly(),
  derivedKeys: z.array(z.strictObject({ epoch: position, digest: Bytes })).readonly(),
  rounds: z.array(StoredRound).readonly(),
  model: Bytes.optional(),
  restart: z.strictObject({ roundId: Bytes, modelDigest: Bytes }).optional(),
  retiredThrough: position.optional(),
  faults: z.array(z.strictObject({ position, what: z.string() })).readonly(),
});

/** A round that ended and was not audited yet. With it the proof that its end is in the log, made when it was read. */
const EndedRound = z.strictObject({
  round: StoredRound,
  leaf: Bytes,
  position,
  path: z.array(Bytes).readonly(),
  head: StoredHead,
});

const LogState = z.strictObject({
  size: position,
  /** the frontier, largest subtree first */
  hashes: z.array(Bytes).readonly(),
  head: StoredHead.optional(),
  history: History,
  ended: z.array(EndedRound).readonly(),
});

export type EndedRound = z.output<typeof EndedRound>;
export type LogState = z.output<typeof LogState>;

export const EMPTY_LOG: LogState = { size: 0, hashes: [], history: EMPTY_HISTORY, ended: [] };

export function encodeLogState(state: LogState): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(z.encode(LogState, state)));
}

/** @throws ClientError `damaged_store` */
export function decodeLogState(bytes: Uint8Array): LogState {
  try {
    return z.decode(LogState, JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new ClientError('damaged_store', 'what the store holds of the log cannot be read', { cause });
  }
}
