/**
 * RFC 9497 §2.2: the batched proof that one scalar k links all pairs, `B = k·G` and `Dᵢ = k·Cᵢ`.
 * VOPRF: k is the secret key, C the blinded and D the evaluated elements (§3.3.2). POPRF: k is the tweaked
 * secret, C the evaluated and D the blinded elements (§3.3.3).
 */
import { asciiToBytes, concatBytes, isBytes, numberToBytesBE } from '@noble/curves/utils.js';

import { decodeElement, encodeElement, randomScalar, tryDecodeScalar, type EncodedElement } from '../encoding.js';
import { CredentialError } from '../errors.js';
import { lengthPrefixed } from '../length-prefix.js';
import type { RandomBytes } from '../suite.js';
import type { Context } from './context.js';

/** Two lists of equal length, at most 65,536 (the index in a transcript has two bytes). */
export interface Pairs<E> {
  readonly c: readonly EncodedElement<E>[];
  readonly d: readonly EncodedElement<E>[];
}

/** `B`, with the hash of it that every proof under it begins with. */
export interface ProofKey<E> extends EncodedElement<E> {
  /** RFC 9497 §2.2.1: LP(Hash(LP(B) ‖ LP("Seed-" ‖ contextString))) */
  readonly seed: Uint8Array;
}

const COMPOSITE = asciiToBytes('Composite');
const CHALLENGE = asciiToBytes('Challenge');

/** @throws CredentialError `malformed_element`, `identity_element` */
export function proofKey<E, S>({ group, contextString }: Context<E, S>, bytes: Uint8Array): ProofKey<E> {
  const b = decodeElement(group, bytes, 'public key');
  const dst = concatBytes(asciiToBytes('Seed-'), contextString);
  return { ...b, seed: lengthPrefixed(group.hash(concatBytes(lengthPrefixed(b.bytes), lengthPrefixed(dst)))) };
}

/**
 * (Issuer) RFC 9497 §2.2.1 GenerateProof with A = G.
 *
 * @param key  the secret scalar k and `B = k·G`; a wrong B gives a proof that nobody accepts
 * @param random  one scalar is drawn for the nonce; drawing the same twice gives the key away
 * @returns challenge and response
 */
export function prove<E, S>(
  context: Context<E, S>,
  { k, b }: { readonly k: S; readonly b: ProofKey<E> },
  pairs: Pairs<E>,
  random: RandomBytes,
): Uint8Array {
  const { group } = context;
  const { m, z } = computeCompositesFast(context, { k, b }, pairs);
  const r = randomScalar(group, random);
  const t2 = group.multiplyGenerator(r);
  const t3 = group.multiply(m, r);
  const c = challenge(context, b, [m, z, t2, t3]);
  const s = group.subtractScalars(r, group.multiplyScalars(c, k)); // r - c·k
  return concatBytes(group.encodeScalar(c), group.encodeScalar(s));
}

/** (Device) @throws CredentialError `invalid_proof` */
export function checkProof<E, S>(context: Context<E, S>, b: ProofKey<E>, pairs: Pairs<E>, proof: Uint8Array): void {
  if (!isBytes(proof) || !verify(context, b, pairs, proof)) {
    throw new CredentialError('invalid_proof', `the proof over ${pairs.c.length} evaluated elements does not hold`);
  }
}

/** RFC 9497 §2.2.2 VerifyProof. Everything in it is public, so variable time is safe. */
function verify<E, S>(context: Context<E, S>, b: ProofKey<E>, pairs: Pairs<E>, proof: Uint8Array): boolean {
  const { group } = context;
  // Challenge and response; a proof of any other length leaves one of them malformed.
  const c = tryDecodeScalar(group, proof.subarray(0, group.scalarLength));
  const s = tryDecodeScalar(group, proof.subarray(group.scalarLength));
  if (c === undefined || s === undefined) return false;

  const weights = compositeWeights(context, b, pairs);
  const m = group.sumOfProducts(pairs.c.map(elementOf), weights);
  const z = group.sumOfProducts(pairs.d.map(elementOf), weights);
  // Only a proof made to fail has an identity here; it would not encode as an element.
  if (group.isIdentity(m) || group.isIdentity(z)) return false;
  const t2 = group.sumOfProducts([group.generator, b.element], [s, c]); // s·G + c·B
  const t3 = group.sumOfProducts([m, z], [s, c]); // s·M + c·Z
  if (group.isIdentity(t2) || group.isIdentity(t3)) return false;
  return group.equalScalars(challenge(context, b, [m, z, t2, t3]), c);
}

/**
 * RFC 9497 §2.2.1 ComputeCompositesFast: whoever knows k takes `Z = k·M` instead of a second sum over D.
 * The weights are public, so where constant time has its price and the pairs are one or two, that sum, in
 * variable time, is still the cheaper way, and it touches no secret.
 */
function computeCompositesFast<E, S>(
  context: Context<E, S>,
  { k, b }: { readonly k: S; readonly b: ProofKey<E> },
  { c, d }: Pairs<E>,
): { m: E; z: E } {
  const { group } = context;
  const weights = compositeWeights(context, b, { c, d });
  const m = group.sumOfProducts(c.map(elementOf), weights);
  const sumIsCheaper = !group.constantTime && weights.length <= 2;
  return { m, z: sumIsCheaper ? group.sumOfProducts(d.map(elementOf), weights) : group.multiply(m, k) };
}

/** RFC 9497 §2.2.1: dᵢ = HashToScalar(LP(seed) ‖ I2OSP(i, 2) ‖ LP(Cᵢ) ‖ LP(Dᵢ) ‖ "Composite"). */
function compositeWeights<E, S>(context: Context<E, S>, { seed }: ProofKey<E>, { c, d }: Pairs<E>): S[] {
  return c.map((ci, i) => {
    const di = d[i];
    if (di === undefined) throw new RangeError('pairs of unequal length');
    const index = numberToBytesBE(i, 2);
    return context.hashToScalar(
      concatBytes(seed, index, lengthPrefixed(ci.bytes), lengthPrefixed(di.bytes), COMPOSITE),
    );
  });
}

/** RFC 9497 §2.2.1: c = HashToScalar(LP(B) ‖ LP(M) ‖ LP(Z) ‖ LP(t2) ‖ LP(t3) ‖ "Challenge"). */
function challenge<E, S>({ group, hashToScalar }: Context<E, S>, b: ProofKey<E>, elements: readonly E[]): S {
  const encoded = elements.map((element) => lengthPrefixed(encodeElement(group, element, 'proof').bytes));
  return hashToScalar(concatBytes(lengthPrefixed(b.bytes), ...encoded, CHALLENGE));
}

const elementOf = <E>({ element }: EncodedElement<E>): E => element;
