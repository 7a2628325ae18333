/**
 * Prints `acs-own.json`: vectors of our own in the form of `acs-interop-vectors/1`. `acs-by-noble.ts` makes them, so
 * that our suites are held to bytes that they did not produce. See SOURCES.md.
 */
import { fileURLToPath } from 'node:url';

import { asciiToBytes, bytesToHex, concatBytes } from '@noble/curves/utils.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';

import type { AcsVectorFile } from '#credential';

import {
  ED25519,
  L,
  RISTRETTO,
  hashToScalar,
  hmacSecret,
  invert,
  mod,
  naorReingoldBits,
  naorReingoldProof,
  naorReingoldSecret,
  prove,
  scalarBytes,
  sdhiInverse,
  seeded,
  type AnyCurve,
} from './acs-by-noble.js';
import { attemptsOn } from './make-acs-own-attempts.js';

export type Case = AcsVectorFile['cases'][number];
type PrimaryKey = AcsVectorFile['primary_keys'][number];
type CurveName = Case['curve'];
type Blinding = Case['blinding'];
type Random = ReturnType<typeof seeded>;

export const CURVES: Readonly<Record<CurveName, AnyCurve>> = { ristretto: RISTRETTO, ed25519: ED25519 };
const SEED = 'starling acs-own v1';

/** The file, the same on every machine. */
export function makeVectors(): AcsVectorFile {
  const parts = (['ristretto', 'ed25519'] as const).map((curve) => makeCurve(curve, seeded(`${SEED} ${curve}`)));
  const cases = parts.flatMap((part) => part.cases);
  const attempts = cases.map((vector) => attemptsOn(vector, CURVES[vector.curve]));
  return {
    curves: { ristretto: curveVector(RISTRETTO), ed25519: curveVector(ED25519) },
    hash_to_curve: parts.flatMap((part) => part.hash_to_curve),
    hash_to_scalar: parts.flatMap((part) => part.hash_to_scalar),
    dleq: parts.flatMap((part) => part.dleq),
    primary_keys: parts.flatMap((part) => part.primary_keys),
    cases,
    negative: attempts.flatMap(({ negative }) => negative),
    quirks: attempts.flatMap(({ quirks }) => quirks),
  };
}

/** As it is kept: values and lists of more than two kilobytes by their digest. */
export const compact = (file: AcsVectorFile): unknown =>
  JSON.parse(JSON.stringify(file), (_, value: unknown) => {
    const long = typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
    const text = long ? JSON.stringify(value) : '';
    return text.length > 2048 ? `sha256:${bytesToHex(sha256(asciiToBytes(text)))}` : value;
  });

const curveVector = ({ Point }: AnyCurve) => ({
  generator: hex(Point.BASE.toBytes()),
  order_le: hex(scalarBytes(L)),
  element_bytes: 32,
  scalar_bytes: 32,
  final_evaluation_bytes: 64,
});

function makeCurve(curve: CurveName, random: Random) {
  const { Point, hashToCurve } = CURVES[curve];
  const messages = [[], [random.bytes(1)], [random.bytes(40), random.bytes(0), random.bytes(200)]];
  const inputs = messages.map((list) => ({ curve, inputs: list.map(hex) }));
  const joined = messages.map((list) => concatBytes(...list));
  const [x, nonce, base] = [random.scalar(), random.scalar(), Point.BASE.multiply(random.scalar())];
  const statement = [Point.BASE, Point.BASE.multiply(x), base, base.multiply(x)] as const;
  const [base1, element1, base2, element2] = statement.map((point) => hex(point.toBytes()));
  const { c, s } = prove(statement, x, nonce);
  const honest = { curve, base1: base1!, element1: element1!, base2: base2!, element2: element2! };
  const proof = { proof_c: hex(c), proof_s: hex(s) };
  const runs = (['default', 'sdhi', 'naor_reingold'] as const).map((kdf) => makeKdf(curve, kdf, random));
  return {
    hash_to_curve: inputs.map((vector, i) => ({ ...vector, element: hex(hashToCurve(joined[i]!).toBytes()) })),
    hash_to_scalar: inputs.map((vector, i) => ({ ...vector, scalar: hex(scalarBytes(hashToScalar(joined[i]!))) })),
    dleq: [
      { ...honest, ...proof, valid: true, discrete_log: hex(scalarBytes(x)), nonce: hex(scalarBytes(nonce)) },
      { ...honest, ...proof, valid: false, element2: base1! },
    ],
    primary_keys: runs.map(({ key }) => key),
    cases: runs.flatMap(({ cases }) => cases),
  };
}

/** A KDF's keys for a list of attributes. */
interface Derived {
  readonly sk: bigint;
  readonly pk_proof: Uint8Array;
  readonly pk_proof_nonces: readonly bigint[];
}

function makeKdf(curve: CurveName, kdf: PrimaryKey['kdf'], random: Random) {
  const { key, derive } = { default: hmacKdf, sdhi: sdhiKdf, naor_reingold: naorReingoldKdf }[kdf](curve, random);
  const primaryKey = { ...key, id: `${curve}-${kdf}`, curve, kdf };
  const attributes = [asciiToBytes('use case'), random.bytes(3)];
  // The long ones once a curve; each curve has another blinding then.
  const blindings: readonly Blinding[] =
    kdf === 'naor_reingold' ? [curve === 'ristretto' ? 'mul' : 'exp'] : ['exp', 'mul'];
  const cases = blindings.map((blinding) =>
    makeCase(primaryKey, blinding, { attributes, ...derive(attributes) }, random),
  );
  return { key: primaryKey, cases };
}

function hmacKdf(_: CurveName, random: Random) {
  const primaryKey = random.bytes(32);
  const key = { primary_key: hex(primaryKey), primary_public_key: '' };
  const none = { pk_proof: new Uint8Array(0), pk_proof_nonces: [] };
  return {
    key,
    derive: (attributes: readonly Uint8Array[]): Derived => ({ sk: hmacSecret(primaryKey, attributes), ...none }),
  };
}

function sdhiKdf(curve: CurveName, random: Random) {
  const { BASE } = CURVES[curve].Point;
  const [psk, nonce] = [random.scalar(), random.scalar()];
  const ppk = hex(BASE.multiply(psk).toBytes());
  const derive = (attributes: readonly Uint8Array[]): Derived => {
    const x = sdhiInverse(psk, attributes);
    const sk = invert(x);
    const { c, s } = prove([BASE, BASE.multiply(x), BASE.multiply(sk), BASE], x, nonce);
    return { sk, pk_proof: concatBytes(c, s), pk_proof_nonces: [nonce] };
  };
  return { key: { primary_key: hex(scalarBytes(psk)) + ppk, primary_public_key: ppk }, derive };
}

function naorReingoldKdf(curve: CurveName, random: Random) {
  const { BASE } = CURVES[curve].Point;
  const secret = { start: random.scalar(), factors: Array.from({ length: 256 }, random.scalar), u: random.scalar() };
  const { start, factors, u } = secret;
  const logs = [u, start, ...factors.map((factor) => mod(factor * u))];
  const ppk = hex(concatBytes(...logs.map((log) => BASE.multiply(log).toBytes())));
  const psk = hex(concatBytes(...[start, ...factors].map(scalarBytes)));
  const derive = (attributes: readonly Uint8Array[]): Derived => {
    const bits = naorReingoldBits(attributes);
    const nonces = bits.map(random.scalar);
    const pk_proof = naorReingoldProof(CURVES[curve], secret, bits, nonces);
    return { sk: naorReingoldSecret(secret, bits), pk_proof, pk_proof_nonces: nonces };
  };
  return {
    key: { primary_key: psk + ppk, primary_public_key: ppk, h_discrete_log: hex(scalarBytes(u)) },
    derive,
  };
}

function makeCase(
  { id, curve, kdf }: PrimaryKey,
  blinding: Blinding,
  { attributes, sk, pk_proof, pk_proof_nonces }: Derived & { readonly attributes: readonly Uint8Array[] },
  random: Random,
): Case {
  const { Point, hashToCurve } = CURVES[curve];
  const [token, r, nonce] = [random.bytes(32), random.scalar(), random.scalar()];
  const [hashed, pk] = [hashToCurve(token), Point.BASE.multiply(sk)];
  const blinded = blinding === 'exp' ? hashed.multiply(r) : hashed.add(Point.BASE.multiply(r));
  const evaluated = blinded.multiply(sk);
  const { c, s } = prove([Point.BASE, pk, blinded, evaluated], sk, nonce);
  const unblinded = blinding === 'exp' ? evaluated.multiply(invert(r)) : evaluated.subtract(pk.multiply(r));
  return {
    ...{ id: `${curve}-${blinding}-${kdf}`, curve, blinding, kdf, primary_key_id: id },
    attributes: attributes.map(hex),
    ...hexes({ pk_proof, token, proof_c: c, proof_s: s }),
    ...hexes({ sk: scalarBytes(sk), pk: pk.toBytes(), hashed_token: hashed.toBytes() }),
    pk_proof_nonces: pk_proof_nonces.map((value) => hex(scalarBytes(value))),
    ...hexes({ blinding_factor: scalarBytes(r), proof_nonce: scalarBytes(nonce), blinded_element: blinded.toBytes() }),
    ...hexes({ evaluated_element: evaluated.toBytes(), unblinded_element: unblinded.toBytes() }),
    client_secret: hex(sha512(concatBytes(token, unblinded.toBytes()))),
    server_secret: hex(sha512(concatBytes(token, hashed.multiply(sk).toBytes()))),
    ...(kdf === 'sdhi' ? { attribute_scalar: hex(scalarBytes(hashToScalar(...attributes))) } : {}),
    ...(kdf === 'naor_reingold' ? { attribute_hash: hex(sha256(concatBytes(...attributes))) } : {}),
  };
}

const hex = (bytes: Uint8Array): string => bytesToHex(bytes);

const hexes = <K extends string>(values: Record<K, Uint8Array>): Record<K, string> =>
  Object.fromEntries(Object.entries<Uint8Array>(values).map(([key, value]) => [key, hex(value)])) as Record<K, string>;

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(compact(makeVectors()), null, 1));
