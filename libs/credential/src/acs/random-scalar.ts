import { isBytes } from '@noble/curves/utils.js';

import { CredentialError } from '../errors.js';
import type { Group } from '../group.js';
import type { RandomBytes } from '../suite.js';

const LENGTH = 32;

/** The order is just above 2^252, so about half of the tries succeed: honest bytes fail with odds of 2^-128. */
const MOST_TRIES = 128;

/**
 * ACS's random scalar: 32 bytes, the top three bits cleared, again until it is below the order and not zero.
 *
 * @throws CredentialError `invalid_randomness` for a wrong number of bytes, zeros only, or no scalar in 128 tries
 */
export function randomScalar<E, S>(group: Group<E, S>, random: RandomBytes): S {
  for (let i = 0; i < MOST_TRIES; i++) {
    const bytes = random(LENGTH);
    if (!isBytes(bytes) || bytes.length !== LENGTH || bytes.every((byte) => byte === 0)) {
      throw new CredentialError('invalid_randomness', `expected ${LENGTH} random bytes`);
    }
    const scalar = group.decodeScalar(bytes.map((byte, at) => (at === LENGTH - 1 ? byte & 0x1f : byte)));
    if (scalar !== undefined && !group.isZero(scalar)) return scalar;
  }
  throw new CredentialError('invalid_randomness', `no scalar in ${MOST_TRIES} tries`);
}

/**
 * So many different random scalars. Two equal ones are the mark of a broken generator; as blinds they would link
 * two tokens, as nonces they would give the key away: `x = (s₁ - s₂) / (c₂ - c₁)`.
 *
 * @throws CredentialError `invalid_randomness`
 */
export function randomScalars<E, S>(group: Group<E, S>, count: number, random: RandomBytes): S[] {
  const scalars = Array.from({ length: count }, () => randomScalar(group, random));
  if (new Set(scalars.map((scalar) => group.encodeScalar(scalar).join())).size !== count) {
    throw new CredentialError('invalid_randomness', 'a random scalar came twice');
  }
  return scalars;
}
