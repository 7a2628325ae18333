import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';

/**
 * SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104), 32 bytes each. Passed in, since `node:crypto` is about ten
 * times as fast as anything that also runs in a browser.
 */
export interface Hashes {
  sha256(bytes: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
}

/** Runs everywhere. */
export const nobleHashes: Hashes = Object.freeze({
  sha256: (bytes: Uint8Array) => sha256(bytes),
  hmacSha256: (key: Uint8Array, bytes: Uint8Array) => hmac(sha256, key, bytes),
});
