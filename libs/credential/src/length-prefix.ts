import { concatBytes, isBytes, numberToBytesBE } from '@noble/curves/utils.js';

import { CredentialError } from './errors.js';

/** RFC 9497 §1.2: private and public inputs have at most 2^16 - 1 bytes, since two bytes carry their length. */
export const MAX_INPUT = 0xffff;

/** @throws CredentialError `invalid_input` unless `bytes` fit behind a two-byte length */
export function checkInput(bytes: Uint8Array, what: string): void {
  if (!isBytes(bytes)) throw new CredentialError('invalid_input', `${what}: not bytes`);
  if (bytes.length > MAX_INPUT) {
    throw new CredentialError('invalid_input', `${what}: ${bytes.length} bytes, at most ${MAX_INPUT}`);
  }
}

/** `LP(bytes)`: two bytes of length, big-endian, then the bytes. Makes concatenations injective. */
export function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  checkInput(bytes, 'length-prefixed field');
  return concatBytes(numberToBytesBE(bytes.length, 2), bytes);
}
