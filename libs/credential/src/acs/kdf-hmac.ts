/**
 * ACS's default KDF: a chain of HMAC-SHA-256, one link an attribute, so that lists need no encoding.
 *
 *   k₀ = primary key, kᵢ = HMAC(kᵢ₋₁, attributeᵢ), sk = HashToScalar(kₙ)
 *
 * Nothing about it can be proven: the primary public key and the proof are empty.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { isBytes } from '@noble/curves/utils.js';

import { CredentialError } from '../errors.js';
import type { Group } from '../group.js';
import type { RandomBytes } from '../suite.js';
import { checkAttributes } from './attributes.js';
import { hashToScalar } from './hash.js';
import type { Kdf } from './kdf.js';

const KEY_LENGTH = 32;

export function hmacKdf<E, S>(group: Group<E, S>): Kdf {
  return {
    derivedKey: 'logged',
    generatePrimaryKey,
    primaryPublicKey: (primaryKey) => {
      checkKey(primaryKey);
      return new Uint8Array(0);
    },
    deriveSecret: (primaryKey, attributes) => deriveSecret(group, primaryKey, attributes),
    proveKey: () => new Uint8Array(0),
    verifyKey,
  };
}

function generatePrimaryKey(random: RandomBytes): Uint8Array {
  const key = random(KEY_LENGTH);
  if (!isBytes(key) || key.length !== KEY_LENGTH || key.every((byte) => byte === 0)) {
    throw new CredentialError('invalid_randomness', `expected ${KEY_LENGTH} random bytes`);
  }
  return Uint8Array.from(key);
}

/** The C library hashes uninitialised memory for an empty list; here it is refused. */
function deriveSecret<E, S>(group: Group<E, S>, primaryKey: Uint8Array, attributes: readonly Uint8Array[]): Uint8Array {
  checkKey(primaryKey);
  checkAttributes(attributes);
  if (attributes.length === 0) throw new CredentialError('invalid_input', 'attributes: none given');
  const last = attributes.reduce((key, attribute) => hmac(sha256, key, attribute), primaryKey);
  const secret = hashToScalar(group, last);
  if (group.isZero(secret)) throw new CredentialError('zero_key', 'derived key: zero, replace the primary key');
  return group.encodeScalar(secret);
}

/** The C library says yes to everything. A key that nothing shows to be right is not verified: look it up in a log. */
function verifyKey(primaryPublicKey: Uint8Array): boolean {
  if (!isBytes(primaryPublicKey) || primaryPublicKey.length !== 0) {
    throw new CredentialError('malformed_element', 'primary public key: expected 0 bytes');
  }
  return false;
}

function checkKey(primaryKey: Uint8Array): void {
  if (!isBytes(primaryKey) || primaryKey.length !== KEY_LENGTH) {
    throw new CredentialError('malformed_scalar', `primary key: expected ${KEY_LENGTH} bytes`);
  }
  if (primaryKey.every((byte) => byte === 0)) throw new CredentialError('zero_key', 'primary key: zero');
}
