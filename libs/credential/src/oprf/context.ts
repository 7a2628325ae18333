import { asciiToBytes, concatBytes } from '@noble/curves/utils.js';

import { CredentialError } from '../errors.js';
import type { Group, GroupName } from '../group.js';
import { expandMessageXmd } from './expand-message.js';

/** RFC 9497 §3.1: 0 OPRF, 1 VOPRF, 2 POPRF. */
export type Mode = 0 | 1 | 2;

/** RFC 9497 §4.1 and §4.3, with the hash that the group brings. */
const IDENTIFIERS: Partial<Record<GroupName, string>> = {
  ristretto255: 'ristretto255-SHA512',
  'P-256': 'P256-SHA256',
};

/** A ciphersuite of RFC 9497 in one mode: the group, and hashes that no other suite or mode shares. */
export interface Context<E, S> {
  readonly group: Group<E, S>;
  /** `'ristretto255-SHA512'` */
  readonly identifier: string;
  /** RFC 9497 §3.1: "OPRFV1-" ‖ I2OSP(mode, 1) ‖ "-" ‖ identifier */
  readonly contextString: Uint8Array;
  /** @throws CredentialError `invalid_input`: RFC 9497 §3.3, an input that hashes to the identity is invalid */
  hashToGroup(input: Uint8Array): E;
  hashToScalar(message: Uint8Array): S;
}

/** @throws CredentialError `unknown_suite` for a group that RFC 9497 has no suite for */
export function contextOf<E, S>(group: Group<E, S>, mode: Mode): Context<E, S> {
  const identifier = IDENTIFIERS[group.name];
  if (identifier === undefined) throw new CredentialError('unknown_suite', `RFC 9497 has no suite over ${group.name}`);
  const contextString = concatBytes(asciiToBytes('OPRFV1-'), Uint8Array.of(mode), asciiToBytes(`-${identifier}`));
  const expand = expandMessageXmd(group, concatBytes(asciiToBytes('HashToGroup-'), contextString));
  return Object.freeze({
    group,
    identifier,
    contextString,
    hashToScalar: hashToScalar(group, concatBytes(asciiToBytes('HashToScalar-'), contextString)),
    hashToGroup(input: Uint8Array): E {
      const element = group.elementFromUniform(expand(input, group.uniformElementLength));
      if (group.isIdentity(element)) throw new CredentialError('invalid_input', 'input: hashes to the identity');
      return element;
    },
  });
}

/** RFC 9497 §4 HashToScalar with a domain separation tag of its own. */
export function hashToScalar<S>(group: Group<unknown, S>, dst: Uint8Array): (message: Uint8Array) => S {
  const expand = expandMessageXmd(group, dst);
  return (message) => group.scalarFromUniform(expand(message, group.uniformScalarLength));
}
