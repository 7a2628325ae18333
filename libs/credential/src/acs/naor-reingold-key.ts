/**
 * The primary key of the KDF after Naor and Reingold.
 *
 *   secret half: a₀ ‖ a[0] ‖ … ‖ a[255]               257 scalars
 *   public half: H ‖ P₀ ‖ H[0] ‖ … ‖ H[255]           258 elements, P₀ = a₀·G, H[i] = a[i]·H
 *
 * H = u·G for a random u that is forgotten, so that no a[i]·G is published.
 */
import { concatBytes, equalBytes, isBytes } from '@noble/curves/utils.js';

import { CredentialError } from '../errors.js';
import type { Group } from '../group.js';
import type { RandomBytes } from '../suite.js';
import { decodeElement, decodeSecretScalar, encodeElement, type EncodedElement } from '../encoding.js';
import { randomScalars } from './random-scalar.js';

/** Bits of the attributes' hash, and factors in the key. */
export const BITS = 256;
const LENGTH = 32;
const SECRET_LENGTH = (BITS + 1) * LENGTH;
const PUBLIC_LENGTH = (BITS + 2) * LENGTH;

/** One multiple of H for each factor, in the order of the bits. */
export interface PublicHalf<E> {
  readonly base: EncodedElement<E>;
  readonly start: EncodedElement<E>;
  readonly multiples: readonly EncodedElement<E>[];
}

export interface SecretHalf<S> {
  readonly start: S;
  readonly factors: readonly S[];
}

export function generateKey<E, S>(group: Group<E, S>, random: RandomBytes): Uint8Array {
  const scalars = randomScalars(group, BITS + 2, random);
  const [secrets, forgotten] = [scalars.slice(0, -1), scalars[BITS + 1]];
  if (forgotten === undefined) throw new RangeError('too few scalars');
  const secretHalf = concatBytes(...secrets.map((scalar) => group.encodeScalar(scalar)));
  const base = group.encodeElement(group.multiplyGenerator(forgotten));
  return concatBytes(secretHalf, publicHalfOf(group, secretHalf, base));
}

/** The public half of a primary key, after a look whether it belongs to the secret half: 257 multiplications. */
export function checkedPublicHalf<E, S>(group: Group<E, S>, primaryKey: Uint8Array): Uint8Array {
  checkLength(primaryKey);
  const given = primaryKey.slice(SECRET_LENGTH);
  if (!equalBytes(given, publicHalfOf(group, primaryKey.subarray(0, SECRET_LENGTH), given.subarray(0, LENGTH)))) {
    throw new CredentialError('malformed_element', 'primary key: its public half is not of its secret half');
  }
  return given;
}

function publicHalfOf<E, S>(group: Group<E, S>, secretHalf: Uint8Array, base: Uint8Array): Uint8Array {
  const { start, factors } = decodeScalars(group, secretHalf);
  const { element, bytes } = decodeElement(group, base, 'primary key');
  const multiples = factors.map((factor) => encodeElement(group, group.multiply(element, factor), 'primary key').bytes);
  return concatBytes(bytes, encodeElement(group, group.multiplyGenerator(start), 'primary key').bytes, ...multiples);
}

/** @throws CredentialError `malformed_scalar`, `zero_key` */
export function decodeSecretHalf<E, S>(group: Group<E, S>, primaryKey: Uint8Array): SecretHalf<S> {
  checkLength(primaryKey);
  return decodeScalars(group, primaryKey.subarray(0, SECRET_LENGTH));
}

/** Of one's own primary key: what proofs hash is not decoded. */
export function ownPublicHalf<E, S>(
  group: Group<E, S>,
  primaryKey: Uint8Array,
): Omit<PublicHalf<E>, 'multiples'> & { readonly multiples: readonly Pick<EncodedElement<E>, 'bytes'>[] } {
  checkLength(primaryKey);
  const [base, start, ...multiples] = pieces(primaryKey.subarray(SECRET_LENGTH));
  return {
    base: decodeElement(group, base ?? primaryKey, 'primary key'),
    start: decodeElement(group, start ?? primaryKey, 'primary key'),
    multiples: multiples.map((bytes) => ({ bytes })),
  };
}

/**
 * 258 elements: on edwards25519 that takes longer than verifying a proof, so remember what comes back.
 *
 * @throws CredentialError `malformed_element`, `identity_element`
 */
export function decodePublicHalf<E, S>(group: Group<E, S>, primaryPublicKey: Uint8Array): PublicHalf<E> {
  if (!isBytes(primaryPublicKey) || primaryPublicKey.length !== PUBLIC_LENGTH) {
    throw new CredentialError('malformed_element', `primary public key: expected ${PUBLIC_LENGTH} bytes`);
  }
  const elements = pieces(primaryPublicKey).map((bytes) => decodeElement(group, bytes, 'primary public key'));
  const [base, start, ...multiples] = elements;
  if (base === undefined || start === undefined) throw new RangeError('too few elements');
  return { base, start, multiples };
}

function decodeScalars<E, S>(group: Group<E, S>, secretHalf: Uint8Array): SecretHalf<S> {
  const [start, ...factors] = pieces(secretHalf).map((bytes) => decodeSecretScalar(group, bytes, 'primary key'));
  if (start === undefined) throw new RangeError('too few scalars');
  return { start, factors };
}

function checkLength(primaryKey: Uint8Array): void {
  if (!isBytes(primaryKey) || primaryKey.length !== SECRET_LENGTH + PUBLIC_LENGTH) {
    throw new CredentialError('malformed_scalar', `primary key: expected ${SECRET_LENGTH + PUBLIC_LENGTH} bytes`);
  }
}

const pieces = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / LENGTH }, (_, i) => bytes.slice(i * LENGTH, (i + 1) * LENGTH));
