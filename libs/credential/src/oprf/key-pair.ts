import { asciiToBytes, concatBytes, isBytes } from '@noble/curves/utils.js';

import { publicOf, randomScalar } from '../encoding.js';
import { CredentialError } from '../errors.js';
import type { Group } from '../group.js';
import { lengthPrefixed } from '../length-prefix.js';
import type { RandomBytes } from '../suite.js';
import { contextOf, hashToScalar, type Mode } from './context.js';

const SEED_LENGTH = 32;

export interface OprfKeyPair {
  /** Secret scalar. */
  readonly secret: Uint8Array;
  readonly public: Uint8Array;
}

/** RFC 9497 §3.2 GenerateKeyPair. */
export function generateKeyPair<E, S>(group: Group<E, S>, random: RandomBytes): OprfKeyPair {
  return encodePair(group, randomScalar(group, random));
}

/**
 * RFC 9497 §3.2.1 DeriveKeyPair: the same key pair from the same seed. In mode POPRF the secret is a primary key.
 *
 * @param seed  32 secret bytes
 * @param keyInfo  tells keys of one seed apart, at most 65,535 bytes
 * @throws CredentialError `invalid_input`, `unknown_suite` for a group without a suite in the RFC
 */
export function deriveKeyPair<E, S>(
  group: Group<E, S>,
  mode: Mode,
  seed: Uint8Array,
  keyInfo: Uint8Array,
): OprfKeyPair {
  if (!isBytes(seed) || seed.length !== SEED_LENGTH) {
    throw new CredentialError('invalid_input', `seed: expected ${SEED_LENGTH} bytes`);
  }
  const input = concatBytes(seed, lengthPrefixed(keyInfo));
  const { contextString } = contextOf(group, mode);
  const toScalar = hashToScalar(group, concatBytes(asciiToBytes('DeriveKeyPair'), contextString));
  for (let counter = 0; counter <= 255; counter++) {
    const secret = toScalar(concatBytes(input, Uint8Array.of(counter)));
    if (!group.isZero(secret)) return encodePair(group, secret);
  }
  throw new CredentialError('zero_key', 'derived key: zero');
}

const encodePair = <E, S>(group: Group<E, S>, secret: S): OprfKeyPair => ({
  secret: group.encodeScalar(secret),
  public: publicOf(group, secret),
});
