import { concatBytes } from '@noble/curves/utils.js';

import { CredentialError } from './errors.js';
import type { Hashes } from './hashes.js';

const HASH_LENGTH = 32;

/** RFC 5869 §2.2 with SHA-256. An empty salt is 32 zeros by the RFC. Returns the 32-byte pseudorandom key. */
export function hkdfExtract(hashes: Hashes, salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array {
  return hashes.hmacSha256(salt.length === 0 ? new Uint8Array(HASH_LENGTH) : salt, keyMaterial);
}

/**
 * RFC 5869 §2.3 with SHA-256: T(i) = HMAC(prk, T(i-1) ‖ info ‖ i), concatenated and cut.
 *
 * @param length  bytes wanted, 1 to 255 · 32
 * @throws CredentialError `invalid_input` for a length outside of that
 */
export function hkdfExpand(hashes: Hashes, prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 1 || length > 255 * HASH_LENGTH) {
    throw new CredentialError('invalid_input', `length: ${length}, expected 1 to ${255 * HASH_LENGTH}`);
  }
  const okm = new Uint8Array(Math.ceil(length / HASH_LENGTH) * HASH_LENGTH);
  let block = new Uint8Array(0);
  for (let i = 1; (i - 1) * HASH_LENGTH < length; i++) {
    block = Uint8Array.from(hashes.hmacSha256(prk, concatBytes(block, info, Uint8Array.of(i))));
    okm.set(block, (i - 1) * HASH_LENGTH);
  }
  return okm.slice(0, length);
}
