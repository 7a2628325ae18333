import { z } from 'zod';

import { MAX_HEADER_BYTES } from './header.js';

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
