/** Elements and scalars as they travel. Every suite takes them in here, and refuses the same things. */
import { isBytes } from '@noble/curves/utils.js';

import { CredentialError } from './errors.js';
import type { Group } from './group.js';
import type { RandomBytes } from './suite.js';

/** An element beside its canonical encoding: transcripts hash the bytes, so keep them once they are known. */
export interface EncodedElement<E> {
  readonly element: E;
  readonly bytes: Uint8Array;
}

/**
 * An element that came in. RFC 9497 §3.3: "applications MUST reject" the identity although it may decode.
 *
 * @throws CredentialError `malformed_element` for a wrong length or a non-canonical encoding, `identity_element`
 */
export function decodeElement<E>(group: Group<E>, bytes: Uint8Array, what: string): EncodedElement<E> {
  if (!isBytes(bytes) || bytes.length !== group.elementLength) {
    throw new CredentialError('malformed_element', `${what}: expected ${group.elementLength} bytes`);
  }
  // A copy, since an engine may take the array itself for the element.
  const copy = Uint8Array.from(bytes);
  const element = group.decodeElement(copy);
  if (element === undefined) throw new CredentialError('malformed_element', `${what}: not a canonical encoding`);
  return { element: notIdentity(group, element, what), bytes: copy };
}

/** For what came with a proof, which then does not hold: `undefined` for whatever `decodeElement` refuses. */
export function tryDecodeElement<E>(group: Group<E>, bytes: Uint8Array): EncodedElement<E> | undefined {
  try {
    return decodeElement(group, bytes, 'element');
  } catch (error) {
    if (error instanceof CredentialError) return undefined;
    throw error;
  }
}

/** @throws CredentialError `identity_element`: the identity is never sent, so a mistake cannot leave here either */
export function encodeElement<E>(group: Group<E>, element: E, what: string): EncodedElement<E> {
  return { element, bytes: group.encodeElement(notIdentity(group, element, what)) };
}

function notIdentity<E>(group: Group<E>, element: E, what: string): E {
  if (group.isIdentity(element)) throw new CredentialError('identity_element', `${what}: the identity`);
  return element;
}

/** `undefined` for anything but the canonical encoding of a scalar below the order; zero decodes. */
export function tryDecodeScalar<S>(group: Group<unknown, S>, bytes: Uint8Array): S | undefined {
  return isBytes(bytes) && bytes.length === group.scalarLength ? group.decodeScalar(bytes) : undefined;
}

/** @throws CredentialError `malformed_scalar`, and `zero_key` for zero, which is no key and no blind */
export function decodeSecretScalar<S>(group: Group<unknown, S>, bytes: Uint8Array, what: string): S {
  const scalar = tryDecodeScalar(group, bytes);
  if (scalar === undefined) {
    throw new CredentialError('malformed_scalar', `${what}: expected ${group.scalarLength} bytes below the order`);
  }
  if (group.isZero(scalar)) throw new CredentialError('zero_key', `${what}: zero`);
  return scalar;
}

/**
 * RFC 9497 §4.7.2: uniform bytes reduced modulo the order, with a bias below 2^-128.
 *
 * @throws CredentialError `invalid_randomness` for a wrong number of bytes or zeros only, the mark of a
 *   generator that left the buffer as it was, and for a scalar of zero: a blind made of it would hide nothing
 */
export function randomScalar<S>(group: Group<unknown, S>, random: RandomBytes): S {
  const length = group.uniformScalarLength;
  const bytes = random(length);
  if (!isBytes(bytes) || bytes.length !== length || bytes.every((byte) => byte === 0)) {
    throw new CredentialError('invalid_randomness', `expected ${length} random bytes`);
  }
  const scalar = group.scalarFromUniform(bytes);
  if (group.isZero(scalar)) throw new CredentialError('invalid_randomness', 'a multiple of the order');
  return scalar;
}

/** `secret · G`, encoded. */
export function publicOf<E, S>(group: Group<E, S>, secret: S): Uint8Array {
  return encodeElement(group, group.multiplyGenerator(secret), 'public key').bytes;
}
