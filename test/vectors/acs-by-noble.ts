/**
 * ACS written down once more, from its formulas and noble's curves alone, and no stricter than it has to be: what
 * our suites are compared with. Scalars are bigints, everything else is bytes or noble's points.
 */
import type { CurvePoint, CurvePointCons } from '@noble/curves/abstract/curve.js';
import { ed25519, ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { asciiToBytes, bytesToNumberLE, concatBytes, numberToBytesBE, numberToBytesLE } from '@noble/curves/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';

export interface Curve<P extends CurvePoint<bigint, P>> {
  readonly Point: CurvePointCons<P>;
  hashToCurve(message: Uint8Array): P;
}
type Points = CurvePoint<bigint, Points>;
export type AnyCurve = Curve<Points>;

export const L = ristretto255.Point.Fn.ORDER;
export const mod = (x: bigint): bigint => ((x % L) + L) % L;
/** By Fermat. */
export const invert = (x: bigint): bigint => ristretto255.Point.Fn.pow(mod(x), L - 2n);
export const scalarBytes = (x: bigint): Uint8Array => numberToBytesLE(x, 32);
export const hashToScalar = (...parts: Uint8Array[]): bigint => bytesToNumberLE(sha512(concatBytes(...parts))) % L;

export const RISTRETTO = {
  Point: ristretto255.Point,
  hashToCurve: (message: Uint8Array) => ristretto255_hasher.deriveToCurve!(sha512(message)),
} as unknown as AnyCurve;

const { Fp } = ed25519.Point;
const A = 486662n;

/** Elligator 2 as in Bernstein and others 2013, §5.5, with the non-square 2: by the book, square or not. */
function elligator(r: bigint): bigint {
  const x = Fp.neg(Fp.div(A, Fp.add(1n, Fp.mul(2n, Fp.sqr(r)))));
  const curve = Fp.add(Fp.add(Fp.mul(Fp.sqr(x), x), Fp.mul(A, Fp.sqr(x))), x);
  const isSquare = Fp.pow(curve, (Fp.ORDER - 1n) / 2n) !== Fp.ORDER - 1n;
  return isSquare ? x : Fp.sub(Fp.neg(x), A);
}

export const ED25519 = {
  Point: ed25519.Point,
  hashToCurve(message: Uint8Array) {
    const half = bytesToNumberLE(sha512(message).slice(0, 32));
    const u = elligator(Fp.create(half % 2n ** 255n));
    const y = Fp.div(Fp.sub(u, 1n), Fp.add(u, 1n));
    // The sign is the top bit of half, as it is of an encoding.
    const encoded = numberToBytesLE(y + ((half >> 255n) << 255n), 32);
    return ed25519.Point.fromBytes(encoded).multiplyUnsafe(8n);
  },
} as unknown as AnyCurve;

/** Base, element, base, element. */
export type Statement = readonly [Points, Points, Points, Points];

export function prove([b1, e1, b2, e2]: Statement, x: bigint, r: bigint) {
  const points = [b1, e1, b2, e2, b1.multiply(r), b2.multiply(r)];
  const c = hashToScalar(...points.map((point) => point.toBytes()));
  return { c: scalarBytes(c), s: scalarBytes(mod(r - c * x)) };
}

/** HMAC, link by link. */
export function hmacSecret(primaryKey: Uint8Array, attributes: readonly Uint8Array[]): bigint {
  let key = primaryKey;
  for (const attribute of attributes) key = hmac(sha256, key, attribute);
  return hashToScalar(key);
}

export const sdhiInverse = (psk: bigint, attributes: readonly Uint8Array[]): bigint =>
  mod(psk + hashToScalar(...attributes));

/** The numbers of the set bits of the attributes' hash. */
export function naorReingoldBits(attributes: readonly Uint8Array[]): number[] {
  const digest = bytesToNumberLE(sha256(concatBytes(...attributes)));
  return Array.from({ length: 256 }, (_, i) => i).filter((i) => (digest >> BigInt(i)) & 1n);
}

export interface NaorReingoldKey {
  readonly start: bigint;
  readonly factors: readonly bigint[];
  /** The log of H. */
  readonly u: bigint;
}

export const naorReingoldSecret = ({ start, factors }: NaorReingoldKey, bits: readonly number[]): bigint =>
  bits.reduce((product, i) => mod(product * factors[i]!), start);

export function naorReingoldProof(
  { Point }: AnyCurve,
  { start, factors, u }: NaorReingoldKey,
  bits: readonly number[],
  nonces: readonly bigint[],
): Uint8Array {
  const proof = new Uint8Array(256 * 96);
  const H = Point.BASE.multiply(u);
  let log = start;
  bits.forEach((i, step) => {
    const [from, to] = [log, mod(log * factors[i]!)];
    const [P, Q] = [Point.BASE.multiply(from), Point.BASE.multiply(to)];
    const { c, s } = prove([H, H.multiply(factors[i]!), P, Q], factors[i]!, nonces[step]!);
    proof.set(concatBytes(c, s), 64 * i);
    proof.set(Q.toBytes(), 64 * 256 + 32 * i);
    log = to;
  });
  return proof;
}

/** SHA-256 of a label and a counter, strung together. */
export function seeded(label: string): { bytes: (length: number) => Uint8Array; scalar: () => bigint } {
  let counter = 0;
  const bytes = (length: number) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () =>
      sha256(concatBytes(asciiToBytes(label), numberToBytesBE(counter++, 4))),
    );
    return concatBytes(...blocks).slice(0, length);
  };
  return { bytes, scalar: () => bytesToNumberLE(bytes(64)) % L };
}
