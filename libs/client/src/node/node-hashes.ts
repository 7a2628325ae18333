import { createHash, createHmac } from 'node:crypto';

import type { Hashes } from '#credential';

/** About ten times as fast as what also runs in a browser. */
export const nodeHashes: Hashes = Object.freeze({
  sha256: (bytes: Uint8Array) => plain(createHash('sha256').update(bytes).digest()),
  hmacSha256: (key: Uint8Array, bytes: Uint8Array) => plain(createHmac('sha256', key).update(bytes).digest()),
});

/** Not a Buffer: its `slice` shares memory, and its JSON looks different. */
const plain = (bytes: Buffer): Uint8Array => Uint8Array.from(bytes);
