/**
 * RFC 9497 §2.2: the batched proof that one scalar k links all pairs, `B = k·G` and `Dᵢ = k·Cᵢ`.
 * In mode POPRF k is the tweaked secret, C the evaluated and D the blinded elements (§3.3.3).
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { asciiToBytes, concatBytes, numberToBytesBE } from '@noble/curves/utils.js';

import { lengthPrefixed } from '../length-prefix.js';
import type { RandomBytes } from '../suite.js';
import {
  CONTEXT,
  GENERATOR,
  SCALAR_LENGTH,
  encodeElement,
  encodeScalar,
  hashToScalar,
  multiply,
  randomScalar,
  subtractProduct,
  sumOfProducts,
  tryDecodeScalar,
  type Element,
  type EncodedElement,
} from './group.js';

/** Two lists of equal length, at most 65,536 (the index in a transcript has two bytes). */
export interface Pairs {
  readonly c: readonly EncodedElement[];
  readonly d: readonly EncodedElement[];
}

const SEED_DST = lengthPrefixed(concatBytes(asciiToBytes('Seed-'), CONTEXT));
const COMPOSITE = asciiToBytes('Composite');
const CHALLENGE = asciiToBytes('Challenge');

/**
 * (Issuer) RFC 9497 §2.2.1 GenerateProof with A = G.
 *
 * @param k  the secret scalar
 * @param b  encoding of `k·G`; a wrong one gives a proof that nobody accepts
 * @param random  48 bytes are drawn for the nonce; drawing the same twice gives the key away
 * @returns 64 bytes
 */
export function prove(k: bigint, b: Uint8Array, pairs: Pairs, random: RandomBytes): Uint8Array {
  const { m, z } = computeCompositesFast(k, b, pairs);
  const r = randomScalar(random);
  const t2 = multiply(GENERATOR, r);
  const t3 = multiply(m, r);
  const c = challenge(b, [m, z, t2, t3]);
  const s = subtractProduct(r, c, k); // r - c·k
  return concatBytes(encodeScalar(c), encodeScalar(s));
}

/** (Device) RFC 9497 §2.2.2 VerifyProof. Everything in it is public, so variable time is safe. */
export function verify(b: EncodedElement, pairs: Pairs, proof: Uint8Array): boolean {
  // Challenge and response, 32 bytes each; any other length leaves one of them malformed.
  const c = tryDecodeScalar(proof.subarray(0, SCALAR_LENGTH));
  const s = tryDecodeScalar(proof.subarray(SCALAR_LENGTH));
  if (c === undefined || s === undefined) return false;

  const weights = compositeWeights(b.bytes, pairs);
  const m = sumOfProducts(pairs.c.map(pointOf), weights);
  const z = sumOfProducts(pairs.d.map(pointOf), weights);
  // Only a proof made to fail has an identity here; it would not encode as an element.
  if (m.is0() || z.is0()) return false;
  const t2 = sumOfProducts([GENERATOR, b.point], [s, c]); // s·G + c·B
  const t3 = sumOfProducts([m, z], [s, c]); // s·M + c·Z
  if (t2.is0() || t3.is0()) return false;
  return challenge(b.bytes, [m, z, t2, t3]) === c;
}

/**
 * RFC 9497 §2.2.1 ComputeCompositesFast: whoever knows k takes `Z = k·M` instead of a second sum over D.
 * The weights are public, so for one or two pairs that sum, in variable time, is still the cheaper way, and
 * it touches no secret.
 */
function computeCompositesFast(k: bigint, b: Uint8Array, pairs: Pairs): { m: Element; z: Element } {
  const weights = compositeWeights(b, pairs);
  const m = sumOfProducts(pairs.c.map(pointOf), weights);
  const z = weights.length <= 2 ? sumOfProducts(pairs.d.map(pointOf), weights) : multiply(m, k);
  return { m, z };
}

/** RFC 9497 §2.2.1: dᵢ = HashToScalar(LP(seed) ‖ I2OSP(i, 2) ‖ LP(Cᵢ) ‖ LP(Dᵢ) ‖ "Composite"). */
function compositeWeights(b: Uint8Array, { c, d }: Pairs): bigint[] {
  const seed = lengthPrefixed(sha512(concatBytes(lengthPrefixed(b), SEED_DST)));
  return c.map((ci, i) => {
    const di = d[i];
    if (di === undefined) throw new RangeError('pairs of unequal length');
    const index = numberToBytesBE(i, 2);
    return hashToScalar(concatBytes(seed, index, lengthPrefixed(ci.bytes), lengthPrefixed(di.bytes), COMPOSITE));
  });
}

/** RFC 9497 §2.2.1: c = HashToScalar(LP(B) ‖ LP(M) ‖ LP(Z) ‖ LP(t2) ‖ LP(t3) ‖ "Challenge"). */
function challenge(b: Uint8Array, points: readonly Element[]): bigint {
  const encoded = points.map((point) => lengthPrefixed(encodeElement(point, 'proof').bytes));
  return hashToScalar(concatBytes(lengthPrefixed(b), ...encoded, CHALLENGE));
}

const pointOf = ({ point }: EncodedElement): Element => point;
