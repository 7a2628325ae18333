import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from 'zod';

import { INTAKE_CODES, type IntakeCode } from '#protocol';

import { ClientError } from './errors.js';
import type { Connect, Connection } from './platform.js';
import type { Transcript } from './wallet.js';

/*
 * The two steps of a submission, each on a fresh connection of its own. A step answers with a receipt,
 * leave to go on, or a refusal, and throws `ConnectionLost` where it is not known what happened.
 */

/** Unacknowledged chunks at most. */
const CHUNKS_IN_FLIGHT = 4;
const OPEN_TIMEOUT_MS = 15_000;
const CHUNK_TIMEOUT_MS = 30_000;
const COMMIT_TIMEOUT_MS = 60_000;

/** Where updates go, and how: nothing that issuer or coordinator know this device by. */
export interface IntakeTransport {
  readonly intake: string;
  readonly connect: Connect;
}

/** The connection or an answer was lost: the submission may have been taken or not. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

export interface IntakeRefusal {
  readonly code: IntakeCode;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

export interface UploadPermit {
  readonly permit: Uint8Array;
  /** bytes of a chunk but for the last */
  readonly chunkBytes: number;
  /** first chunk that intake does not have */
  readonly nextIndex: number;
}

const bytes = (max: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= max, `up to ${max} bytes`);
const Refused = z.object({
  ok: z.literal(false),
  code: z.enum(INTAKE_CODES).catch('internal'),
  message: z.string(),
  retryAfterMs: z.number().min(0).max(3_600_000).optional(),
});
const Receipt = z.object({ ok: z.literal(true), receipt: bytes(32) });
const Opened = z.object({
  ok: z.literal(true),
  permit: bytes(256),
  chunkBytes: z
    .int()
    .min(1024)
    .max(2 ** 22),
  nextIndex: z.int().min(0),
});
// The usual answer first: what does not fit costs an explanation that nobody reads.
const OpenAck = z.union([Opened, Receipt, Refused]);
const ChunkAck = z.union([z.object({ ok: z.literal(true), nextIndex: z.int().min(0) }), Refused]);
const CommitAck = z.union([Receipt, Refused]);

export type OpenAnswer = { readonly receipt: Uint8Array } | UploadPermit | { readonly refusal: IntakeRefusal };
export type UploadAnswer = { readonly receipt: Uint8Array } | { readonly refusal: IntakeRefusal };

/** Step one: the header and its MAC, no byte of the update. */
export function openSubmission(
  transport: IntakeTransport,
  { header, mac }: Pick<Transcript, 'header' | 'mac'>,
): Promise<OpenAnswer> {
  return onFreshConnection(transport, '/submit', {}, async (connection) => {
    const ack = await emit(connection, 'submit:open', { header, mac }, { reply: OpenAck, timeoutMs: OPEN_TIMEOUT_MS });
    return ack.ok ? ack : { refusal: ack };
  });
}

/** Step two: the chunks that intake does not have yet, then commit. */
export function uploadPayload(
  transport: IntakeTransport,
  opened: UploadPermit,
  payload: Uint8Array,
): Promise<UploadAnswer> {
  const query = { permit: bytesToHex(opened.permit) };
  return onFreshConnection(transport, '/upload', query, async (connection) => {
    const refusal = await sendChunks(connection, opened, payload);
    if (refusal !== undefined) return { refusal };
    const ack = await emit(connection, 'upload:commit', {}, { reply: CommitAck, timeoutMs: COMMIT_TIMEOUT_MS });
    return ack.ok ? ack : { refusal: ack };
  });
}

async function sendChunks(
  connection: Connection,
  { chunkBytes, nextIndex }: UploadPermit,
  payload: Uint8Array,
): Promise<IntakeRefusal | undefined> {
  const count = Math.ceil(payload.length / chunkBytes);
  const inFlight: Promise<z.output<typeof ChunkAck>>[] = [];
  for (let index = nextIndex; index < count || inFlight.length > 0; index++) {
    if (index < count) {
      const chunk = { index, bytes: payload.subarray(index * chunkBytes, (index + 1) * chunkBytes) };
      const sent = emit(connection, 'upload:chunk', chunk, { reply: ChunkAck, timeoutMs: CHUNK_TIMEOUT_MS });
      // Awaited in order below; where an earlier one fails first, this one's failure is the same news.
      sent.catch(() => undefined);
      inFlight.push(sent);
      if (inFlight.length < CHUNKS_IN_FLIGHT) continue;
    }
    const ack = await inFlight.shift();
    if (ack?.ok === false) return ack;
  }
  return undefined;
}

async function onFreshConnection<T>(
  { intake, connect }: IntakeTransport,
  path: '/submit' | '/upload',
  query: Readonly<Record<string, string>>,
  talk: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connect(intake, path, query).catch((cause: unknown) => {
    throw new ConnectionLost(`${path}: no connection`, { cause });
  });
  try {
    return await talk(connection);
  } finally {
    connection.close();
  }
}

async function emit<T>(
  connection: Connection,
  event: string,
  payload: object,
  { reply, timeoutMs }: { readonly reply: z.ZodType<T>; readonly timeoutMs: number },
): Promise<T> {
  const ack = await connection.emitWithAck(event, payload, timeoutMs).catch((cause: unknown) => {
    throw new ConnectionLost(`${event}: no answer`, { cause });
  });
  const parsed = reply.safeParse(ack);
  if (!parsed.success) throw new ClientError('malformed_reply', `${event}: not the answer the protocol says`);
  return parsed.data;
}
