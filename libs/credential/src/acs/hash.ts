/** ACS's two hashes: no domain separation and no lengths, so whoever calls them sees to it that nothing shifts. */
import { concatBytes } from '@noble/curves/utils.js';

import { CredentialError } from '../errors.js';
import type { Group } from '../group.js';

/** HashToScalar: SHA-512 of the concatenation, modulo the order. */
export const hashToScalar = <E, S>(group: Group<E, S>, ...parts: readonly Uint8Array[]): S =>
  group.scalarFromUniform(group.hash(concatBytes(...parts)));

/**
 * HashToCurve: the group's own map of SHA-512 of the input.
 *
 * @throws CredentialError `invalid_input` for an input that hashes to the identity; nobody knows one
 */
export function hashToElement<E, S>(group: Group<E, S>, input: Uint8Array): E {
  const element = group.elementFromUniform(group.hash(input));
  if (group.isIdentity(element)) throw new CredentialError('invalid_input', 'input: hashes to the identity');
  return element;
}
