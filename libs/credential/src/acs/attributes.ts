import { concatBytes, numberToBytesBE } from '@noble/curves/utils.js';

import { CredentialError } from '../errors.js';
import { MAX_INPUT, checkInput, lengthPrefixed } from '../length-prefix.js';

/** @throws CredentialError `invalid_input` unless it is a list of byte strings of at most 65,535 bytes each */
export function checkAttributes(attributes: readonly Uint8Array[]): void {
  if (!Array.isArray(attributes)) throw new CredentialError('invalid_input', 'attributes: not a list');
  for (const attribute of attributes) checkInput(attribute, 'attribute');
}

/**
 * One byte string for a list, another for every other list: u16(count) ‖ LP(attribute) for each.
 *
 * @returns at most 65,535 bytes, fit for `CredentialSuite.deriveKeyPair`
 * @throws CredentialError `invalid_input` for a list that takes more
 */
export function encodeAttributes(attributes: readonly Uint8Array[]): Uint8Array {
  checkAttributes(attributes);
  if (attributes.length > MAX_INPUT) throw new CredentialError('invalid_input', `attributes: ${attributes.length}`);
  const encoded = concatBytes(numberToBytesBE(attributes.length, 2), ...attributes.map(lengthPrefixed));
  checkInput(encoded, 'attributes');
  return encoded;
}
