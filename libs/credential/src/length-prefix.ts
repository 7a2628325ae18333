import { isBytes } from '@noble/curves/utils.js';

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
export const lengthPrefixed = (bytes: Uint8Array): Uint8Array => framed([bytes], NOTHING);

/** LP(field) for each field, then `end`. On the way of every redemption: one array, and no copies of parts. */
export function framed(fields: readonly Uint8Array[], end: Uint8Array): Uint8Array {
  let length = end.length;
  for (const field of fields) {
    checkInput(field, 'length-prefixed field');
    length += 2 + field.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const field of fields) {
    bytes[at] = field.length >> 8;
    bytes[at + 1] = field.length & 0xff;
    bytes.set(field, at + 2);
    at += 2 + field.length;
  }
  bytes.set(end, at);
  return bytes;
}

const NOTHING = new Uint8Array(0);
