/**
 * ristretto255 with SHA-512 as RFC 9497 §4.1 wants it for mode POPRF, on noble's group, with strict decoding.
 *
 * JavaScript's bigints are not constant time, and so neither is noble: it only evens out the sequence of group
 * operations (fixed windows, blinded scalars). Whoever can measure an issuer finely needs another engine.
 */
import { mulAddUnsafe } from '@noble/curves/abstract/curve.js';
import { invertCt, mapHashToField } from '@noble/curves/abstract/modular.js';
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { asciiToBytes, concatBytes, isBytes } from '@noble/curves/utils.js';

import { CredentialError } from '../errors.js';
import type { RandomBytes } from '../suite.js';

const { Point } = ristretto255;
const { Fn } = Point;

export type Element = InstanceType<typeof Point>;

/** A group element beside its canonical encoding: transcripts hash the bytes, so keep them once they are known. */
export interface EncodedElement {
  readonly point: Element;
  readonly bytes: Uint8Array;
}

/** Bytes of an encoded element and of an encoded scalar. */
export const ELEMENT_LENGTH = 32;
export const SCALAR_LENGTH = 32;

/** RFC 9497 §4.7.2: so many bytes, reduced modulo the order, are biased by less than 2^-128. */
const RANDOM_SCALAR_LENGTH = 48;

export const GENERATOR: Element = Point.BASE;

/** RFC 9497 §3.1: contextString = "OPRFV1-" ‖ I2OSP(mode, 1) ‖ "-" ‖ identifier, mode 0x02 being POPRF. */
export const CONTEXT: Uint8Array = concatBytes(
  asciiToBytes('OPRFV1-'),
  Uint8Array.of(0x02),
  asciiToBytes('-ristretto255-SHA512'),
);
const HASH_TO_GROUP_DST = concatBytes(asciiToBytes('HashToGroup-'), CONTEXT);
const HASH_TO_SCALAR_DST = concatBytes(asciiToBytes('HashToScalar-'), CONTEXT);

/**
 * RFC 9497 §4.1 DeserializeElement, and §3.3: "applications MUST reject" the identity although it decodes.
 *
 * @throws CredentialError `malformed_element` for a wrong length or a non-canonical encoding, `identity_element`
 */
export function decodeElement(bytes: Uint8Array, what: string): EncodedElement {
  if (!isBytes(bytes) || bytes.length !== ELEMENT_LENGTH) {
    throw new CredentialError('malformed_element', `${what}: expected ${ELEMENT_LENGTH} bytes`);
  }
  const point = tryDecode(bytes);
  if (point === undefined) throw new CredentialError('malformed_element', `${what}: not a canonical encoding`);
  if (point.is0()) throw new CredentialError('identity_element', `${what}: the identity`);
  return { point, bytes: Uint8Array.from(bytes) };
}

function tryDecode(bytes: Uint8Array): Element | undefined {
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

/** @throws CredentialError `identity_element`: the identity is never sent, so a mistake cannot leave here either */
export function encodeElement(point: Element, what: string): EncodedElement {
  if (point.is0()) throw new CredentialError('identity_element', `${what}: the identity`);
  return { point, bytes: point.toBytes() };
}

/** RFC 9497 §4.1 DeserializeScalar: 32 bytes little-endian, below the order; `undefined` for anything else. */
export function tryDecodeScalar(bytes: Uint8Array): bigint | undefined {
  if (!isBytes(bytes) || bytes.length !== SCALAR_LENGTH) return undefined;
  const scalar = Fn.fromBytes(bytes, true);
  return Fn.isValid(scalar) ? scalar : undefined;
}

/** @throws CredentialError `malformed_scalar`, and `zero_key` for zero, which is no key and no blind */
export function decodeSecretScalar(bytes: Uint8Array, what: string): bigint {
  const scalar = tryDecodeScalar(bytes);
  if (scalar === undefined) {
    throw new CredentialError('malformed_scalar', `${what}: expected ${SCALAR_LENGTH} bytes below the group's order`);
  }
  if (scalar === 0n) throw new CredentialError('zero_key', `${what}: zero`);
  return scalar;
}

export const encodeScalar = (scalar: bigint): Uint8Array => Fn.toBytes(scalar);

/**
 * RFC 9497 §2.1 RandomScalar, never zero: 1 + (48 bytes, little-endian, modulo order - 1).
 *
 * @throws CredentialError `invalid_randomness` for a wrong number of bytes or zeros only: the mark of a
 *   generator that left the buffer as it was, and a blind made of it would hide nothing
 */
export function randomScalar(random: RandomBytes): bigint {
  const bytes = random(RANDOM_SCALAR_LENGTH);
  if (!isBytes(bytes) || bytes.length !== RANDOM_SCALAR_LENGTH || bytes.every((byte) => byte === 0)) {
    throw new CredentialError('invalid_randomness', `expected ${RANDOM_SCALAR_LENGTH} random bytes`);
  }
  return Fn.fromBytes(mapHashToField(bytes, Fn.ORDER, true));
}

/** RFC 9497 §3.3: an input that hashes to the identity is invalid. */
export function hashToGroup(input: Uint8Array): Element {
  const point = ristretto255_hasher.hashToCurve(input, { DST: HASH_TO_GROUP_DST });
  if (point.is0()) throw new CredentialError('invalid_input', 'input: hashes to the identity');
  return point;
}

export const hashToScalar = (message: Uint8Array): bigint =>
  ristretto255_hasher.hashToScalar(message, { DST: HASH_TO_SCALAR_DST });

/** `scalar · point` for a secret scalar, not zero. */
export const multiply = (point: Element, scalar: bigint): Element => point.multiply(scalar);

/** `Σ scalarsᵢ · pointsᵢ`, faster, in variable time: for public scalars only. */
export const sumOfProducts = (points: Element[], scalars: bigint[]): Element => mulAddUnsafe(Point, points, scalars);

export const addScalars = (a: bigint, b: bigint): bigint => Fn.add(a, b);

/** `a - b·c` modulo the order. */
export const subtractProduct = (a: bigint, b: bigint, c: bigint): bigint => Fn.sub(a, Fn.mul(b, c));

/** `1 / scalar` by Fermat: Euclid's loop would run as long as the secret makes it. */
export const invertSecret = (scalar: bigint): bigint => invertCt(scalar, Fn.ORDER);
