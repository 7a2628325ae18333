/**
 * ACS's KDF after Naor and Reingold: the secret is a₀ times the factors a[i] for which bit i of the attributes'
 * hash is set. The proof walks the same way, P ← a[i]·P from P₀ = a₀·G, and shows each step by the published H[i].
 *
 *   d = SHA-256(attributes), bit i = bit i mod 8 of byte i / 8, the lowest first
 *   proof = 256 slots c ‖ s, then 256 slots P; the slots of bits that are not set are zeros
 *
 * One leaked derived secret gives nothing else away; some 257 give the factors away, the logs being linear in the bits.
 */
import { concatBytes, equalBytes, isBytes } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';

import type { Group } from '../group.js';
import { remember } from '../remember.js';
import type { RandomBytes } from '../suite.js';
import { checkAttributes } from './attributes.js';
import { PROOF_LENGTH as STEP_LENGTH, prove, verify } from './dleq.js';
import { encodeElement, tryDecodeElement, type EncodedElement } from '../encoding.js';
import type { Kdf, SentKey } from './kdf.js';
import {
  BITS,
  checkedPublicHalf,
  decodePublicHalf,
  decodeSecretHalf,
  generateKey,
  ownPublicHalf,
  type PublicHalf,
} from './naor-reingold-key.js';
import { randomScalars } from './random-scalar.js';

const ELEMENT_LENGTH = 32;
const ELEMENTS_AT = BITS * STEP_LENGTH;
const PROOF_LENGTH = ELEMENTS_AT + BITS * ELEMENT_LENGTH;

export function naorReingoldKdf<E, S>(group: Group<E, S>): Kdf {
  const decode = remember((primaryPublicKey) => decodePublicHalf(group, primaryPublicKey));
  return {
    derivedKey: 'proven',
    generatePrimaryKey: (random) => generateKey(group, random),
    primaryPublicKey: (primaryKey) => checkedPublicHalf(group, primaryKey),
    deriveSecret: (primaryKey, attributes) => deriveSecret(group, primaryKey, attributes),
    proveKey: (primaryKey, attributes, random) => proveKey(group, primaryKey, attributes, random),
    verifyKey: (primaryPublicKey, sent) => verifyKey(group, decode(primaryPublicKey), sent),
  };
}

/** The numbers of the set bits, ascending. */
function setBits(attributes: readonly Uint8Array[]): number[] {
  checkAttributes(attributes);
  const digest = sha256(concatBytes(...attributes));
  return Array.from({ length: BITS }, (_, i) => i).filter((i) => (((digest[i >> 3] ?? 0) >> (i & 7)) & 1) === 1);
}

function deriveSecret<E, S>(group: Group<E, S>, primaryKey: Uint8Array, attributes: readonly Uint8Array[]): Uint8Array {
  const { start, factors } = decodeSecretHalf(group, primaryKey);
  const secret = setBits(attributes).reduce((product, i) => group.multiplyScalars(product, at(factors, i)), start);
  return group.encodeScalar(secret);
}

/** The C library leaves the unused slots as it finds them, and sends its memory to the device; here they are zeros. */
function proveKey<E, S>(
  group: Group<E, S>,
  primaryKey: Uint8Array,
  attributes: readonly Uint8Array[],
  random: RandomBytes,
): Uint8Array {
  const bits = setBits(attributes);
  const { factors } = decodeSecretHalf(group, primaryKey);
  const { base, start, multiples } = ownPublicHalf(group, primaryKey);
  const nonces = randomScalars(group, bits.length, random);
  const proof = new Uint8Array(PROOF_LENGTH);
  let from: EncodedElement<E> = start;
  bits.forEach((i, step) => {
    const to = encodeElement(group, group.multiply(from.element, at(factors, i)), 'step');
    const claim = [
      { base, element: at(multiples, i) },
      { base: from, element: to },
    ] as const;
    proof.set(prove(group, at(factors, i), claim, at(nonces, step)), i * STEP_LENGTH);
    proof.set(to.bytes, ELEMENTS_AT + i * ELEMENT_LENGTH);
    from = to;
  });
  return proof;
}

function verifyKey<E, S>(
  group: Group<E, S>,
  { base, start, multiples }: PublicHalf<E>,
  { attributes, public: derivedPublic, proof }: SentKey,
): boolean {
  const bits = setBits(attributes);
  if (!isBytes(derivedPublic) || !isBytes(proof) || proof.length !== PROOF_LENGTH) return false;
  if (!unusedSlotsAreZero(bits, proof)) return false;
  const last = bits.at(-1);
  if (!equalBytes(last === undefined ? start.bytes : elementSlot(proof, last), derivedPublic)) return false;
  let from: EncodedElement<E> = start;
  for (const i of bits) {
    const to = tryDecodeElement(group, elementSlot(proof, i));
    if (to === undefined) return false;
    const statement = [
      { base, element: at(multiples, i) },
      { base: from, element: to },
    ] as const;
    if (!verify(group, statement, stepSlot(proof, i))) return false;
    from = to;
  }
  return true;
}

/** Whatever stood there would not be authenticated: a proof of many forms, and room for a tag. */
function unusedSlotsAreZero(bits: readonly number[], proof: Uint8Array): boolean {
  const used = new Set(bits);
  const isZero = (slot: Uint8Array) => slot.every((byte) => byte === 0);
  return Array.from({ length: BITS }, (_, i) => i).every(
    (i) => used.has(i) || (isZero(stepSlot(proof, i)) && isZero(elementSlot(proof, i))),
  );
}

const stepSlot = (proof: Uint8Array, i: number): Uint8Array => proof.subarray(i * STEP_LENGTH, (i + 1) * STEP_LENGTH);
const elementSlot = (proof: Uint8Array, i: number): Uint8Array =>
  proof.subarray(ELEMENTS_AT + i * ELEMENT_LENGTH, ELEMENTS_AT + (i + 1) * ELEMENT_LENGTH);

function at<T>(list: readonly T[], i: number): T {
  const value = list[i];
  if (value === undefined) throw new RangeError(`only ${list.length} values`);
  return value;
}
