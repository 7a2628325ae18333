import { createHash, createHmac, hkdfSync } from 'node:crypto';

import type { Hashes } from '#credential';

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
export const hmacSha256 = (key: Uint8Array, bytes: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update(bytes).digest();

/** The platform's hashes: about fifteen times as fast as JavaScript. */
export const nodeHashes: Hashes = { sha256, hmacSha256 };

/** The deployment's permit key: every intake process has the same, and nothing else uses it. */
export const permitKeyOf = (wrappingKey: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', wrappingKey, new Uint8Array(), 'starling permit mac v1', 32));
