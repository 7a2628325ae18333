/**
 * ACS's proof that one scalar x links two pairs, `E₁ = x·B₁` and `E₂ = x·B₂`: two scalars c ‖ s, 64 bytes.
 *
 *   c = HashToScalar(B₁ ‖ E₁ ‖ B₂ ‖ E₂ ‖ r·B₁ ‖ r·B₂)      s = r - c·x
 */
import { concatBytes, isBytes } from '@noble/curves/utils.js';

import type { Group } from '../group.js';
import { encodeElement, tryDecodeScalar, type EncodedElement } from '../encoding.js';
import { hashToScalar } from './hash.js';

/** Bytes of a proof. */
export const PROOF_LENGTH = 64;
const SCALAR_LENGTH = 32;

interface Pair<Base, Multiple> {
  readonly base: Base;
  readonly element: Multiple;
}
/** The pairs in the order in which they are hashed. Who proves does not compute with the multiples. */
export type Claim<E> = readonly Pair<EncodedElement<E>, Pick<EncodedElement<E>, 'bytes'>>[] & { readonly length: 2 };
export type Statement<E> = readonly Pair<EncodedElement<E>, EncodedElement<E>>[] & { readonly length: 2 };

/** The group's generator, so that it need not be encoded again for each proof. */
export const generatorOf = <E, S>(group: Group<E, S>): EncodedElement<E> => ({
  element: group.generator,
  bytes: group.encodeElement(group.generator),
});

/**
 * @param x  the secret; a wrong one gives a proof that nobody accepts
 * @param nonce  fresh for each statement: two proofs with one nonce give x away
 * @returns 64 bytes
 */
export function prove<E, S>(group: Group<E, S>, x: S, statement: Claim<E>, nonce: S): Uint8Array {
  const commitments = statement.map(({ base }) =>
    base.element === group.generator ? group.multiplyGenerator(nonce) : group.multiply(base.element, nonce),
  );
  const c = challenge(group, statement, commitments);
  const s = group.subtractScalars(nonce, group.multiplyScalars(c, x)); // r - c·x
  return concatBytes(group.encodeScalar(c), group.encodeScalar(s));
}

/**
 * Stricter than the C library: c and s are below the order, so a proof has one form. Everything in it is public,
 * so variable time is safe.
 *
 * @param statement  decoded elements, none of them the identity
 */
export function verify<E, S>(group: Group<E, S>, statement: Statement<E>, proof: Uint8Array): boolean {
  if (!isBytes(proof) || proof.length !== PROOF_LENGTH) return false;
  const c = tryDecodeScalar(group, proof.subarray(0, SCALAR_LENGTH));
  const s = tryDecodeScalar(group, proof.subarray(SCALAR_LENGTH));
  if (c === undefined || s === undefined || group.isZero(c) || group.isZero(s)) return false;
  // s·B + c·E
  const commitments = statement.map(({ base, element }) =>
    group.sumOfProducts([base.element, element.element], [s, c]),
  );
  // Only a proof made to give its secret away has the nonce 0.
  if (commitments.some((commitment) => group.isIdentity(commitment))) return false;
  return group.equalScalars(challenge(group, statement, commitments), c);
}

function challenge<E, S>(group: Group<E, S>, statement: Claim<E>, commitments: readonly E[]): S {
  const pairs = statement.flatMap(({ base, element }) => [base.bytes, element.bytes]);
  return hashToScalar(
    group,
    ...pairs,
    ...commitments.map((commitment) => encodeElement(group, commitment, 'proof').bytes),
  );
}
