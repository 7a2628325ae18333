import { bytesToHex } from '@noble/curves/utils.js';

import { CredentialError } from './errors.js';

/**
 * Most elements one proof may cover. RFC 9497 §2.2.1 numbers them with two bytes, so 65,536 would fit; one
 * element costs the issuer milliseconds, and this many already seconds of a core.
 */
export const MAX_BATCH = 1024;

/**
 * Refuses a batch by its size, before anything is computed for it.
 *
 * @throws CredentialError `invalid_input` when it is no list, `empty_batch`, `batch_too_large`
 */
export function checkBatchSize(batch: readonly Uint8Array[], what: string): void {
  if (!Array.isArray(batch)) throw new CredentialError('invalid_input', `${what}: not a list`);
  if (batch.length === 0) throw new CredentialError('empty_batch', `${what}: none given`);
  if (batch.length > MAX_BATCH) {
    throw new CredentialError('batch_too_large', `${what}: ${batch.length}, at most ${MAX_BATCH}`);
  }
}

/**
 * Refuses a batch that holds the same element twice. Call it on canonical encodings: equal elements have
 * equal bytes then.
 *
 * @throws CredentialError `duplicate_element`
 */
export function checkDistinct(elements: readonly Uint8Array[], what: string): void {
  if (new Set(elements.map((element) => bytesToHex(element))).size !== elements.length) {
    throw new CredentialError('duplicate_element', `${what}: an element comes twice`);
  }
}
