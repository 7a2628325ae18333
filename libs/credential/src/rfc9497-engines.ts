/** The implementations that RFC 9497's vectors are run through: noble's, and our suite. */
import type { OPRF, OPRFKeys } from '@noble/curves/abstract/oprf.js';
import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js';
import { p256, p256_oprf } from '@noble/curves/nist.js';
import { bytesToNumberBE, bytesToNumberLE, numberToBytesBE, numberToBytesLE } from '@noble/curves/utils.js';

import { poprfRistretto255 } from './poprf/poprf.js';
import type { RandomBytes } from './suite.js';

/** RFC 9497 §3.1: 0 OPRF, 1 VOPRF, 2 POPRF. */
export type Mode = 0 | 1 | 2;

interface Keys {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  /** POPRF only. */
  readonly info: Uint8Array;
}

/** Lists with one entry an input. `proof` is empty in mode OPRF. */
export interface Round {
  readonly inputs: readonly Uint8Array[];
  readonly blinds: readonly Uint8Array[];
  readonly blinded: readonly Uint8Array[];
  readonly evaluated: readonly Uint8Array[];
  readonly proof: Uint8Array;
}

/** One mode with its keys, batch by batch. */
export interface Engine {
  readonly name: string;
  blind(inputs: readonly Uint8Array[], random: RandomBytes): Pick<Round, 'blinds' | 'blinded'>;
  evaluate(blinded: readonly Uint8Array[], random: RandomBytes): Pick<Round, 'evaluated' | 'proof'>;
  finalize(round: Round): Uint8Array[];
  evaluateInput(input: Uint8Array): Uint8Array;
}

export interface Rfc9497Group {
  readonly identifier: string;
  readonly hash: string;
  readonly oprf: OPRF;
  /** RFC 9497 §3.2.1; the seed has 32 bytes. */
  deriveKeyPair(mode: Mode, seed: Uint8Array, keyInfo: Uint8Array): OPRFKeys;
  /** Whether these bytes are a canonical scalar, not zero. */
  isScalar(bytes: Uint8Array): boolean;
  /** The random bytes from which noble's RandomScalar, 1 + (bytes mod (order - 1)), makes this scalar. */
  randomnessFor(scalar: Uint8Array, length: number): Uint8Array;
}

function group(oprf: OPRF, hash: string, order: bigint, littleEndian: boolean): Rfc9497Group {
  const decode = littleEndian ? bytesToNumberLE : bytesToNumberBE;
  const encode = littleEndian ? numberToBytesLE : numberToBytesBE;
  return {
    identifier: oprf.name,
    hash,
    oprf,
    deriveKeyPair: (mode, seed, keyInfo) => nobleMode(oprf, mode, new Uint8Array(0)).deriveKeyPair(seed, keyInfo),
    isScalar: (bytes) => bytes.length === 32 && decode(bytes) > 0n && decode(bytes) < order,
    randomnessFor: (scalar, length) => encode(decode(scalar) - 1n, length),
  };
}

/** By the RFC's identifier. */
export const RFC9497_GROUPS: ReadonlyMap<string, Rfc9497Group> = new Map(
  [
    group(ristretto255_oprf, 'SHA512', ristretto255.Point.Fn.ORDER, true),
    group(p256_oprf, 'SHA256', p256.Point.Fn.ORDER, false),
  ].map((entry) => [entry.identifier, entry]),
);

/** Every implementation of this group and mode; noble's comes first. */
export function enginesOf({ identifier, oprf }: Rfc9497Group, mode: Mode, keys: Keys): Engine[] {
  if (mode === 0) return [nobleOprf(oprf, keys)];
  if (mode === 1) return [nobleVoprf(oprf, keys)];
  const own = identifier === ristretto255_oprf.name ? [ownPoprf(keys)] : [];
  return [noblePoprf(oprf, keys), ...own];
}

const nobleMode = (oprf: OPRF, mode: Mode, info: Uint8Array) =>
  mode === 0 ? oprf.oprf : mode === 1 ? oprf.voprf : oprf.poprf(info);

function nobleOprf({ oprf }: OPRF, { secretKey }: Keys): Engine {
  return {
    name: 'noble',
    blind: (inputs, random) => columns(inputs.map((input) => oprf.blind(input, rng(random)))),
    evaluate: (blinded) => ({
      evaluated: blinded.map((element) => oprf.blindEvaluate(secretKey, element)),
      proof: new Uint8Array(0),
    }),
    finalize: (round) => items(round).map(({ input, blind, evaluated }) => oprf.finalize(input, blind, evaluated)),
    evaluateInput: (input) => evaluatorOf(oprf).evaluate(secretKey, input),
  };
}

function nobleVoprf({ voprf }: OPRF, { secretKey, publicKey }: Keys): Engine {
  return {
    name: 'noble',
    blind: (inputs, random) => columns(inputs.map((input) => voprf.blind(input, rng(random)))),
    evaluate: (blinded, random) => voprf.blindEvaluateBatch(secretKey, publicKey, [...blinded], rng(random)),
    finalize: (round) => voprf.finalizeBatch(items(round), publicKey, round.proof),
    evaluateInput: (input) => evaluatorOf(voprf).evaluate(secretKey, input),
  };
}

function noblePoprf({ poprf }: OPRF, { secretKey, publicKey, info }: Keys): Engine {
  const mode = poprf(info);
  // Only `blind` tells the tweaked key; the input and the blind do not enter it.
  const tweakedKey = () => mode.blind(info, publicKey).tweakedKey;
  return {
    name: 'noble',
    blind: (inputs, random) => columns(inputs.map((input) => mode.blind(input, publicKey, rng(random)))),
    evaluate: (blinded, random) => mode.blindEvaluateBatch(secretKey, [...blinded], rng(random)),
    finalize: (round) => mode.finalizeBatch(items(round), round.proof, tweakedKey()),
    evaluateInput: (input) => mode.evaluate(secretKey, input),
  };
}

function ownPoprf({ secretKey, publicKey, info }: Keys): Engine {
  const suite = poprfRistretto255;
  const keyPair = suite.deriveKeyPair(secretKey, info);
  // The device's key comes from the public side, so the two halves are compared through the proof.
  const key = { public: suite.derivePublicKey(publicKey, info), attributes: info };
  return {
    name: suite.id,
    blind: (inputs, random) => suite.blind(inputs, key, random).state,
    evaluate: (blinded, random) => suite.evaluate(keyPair, blinded, random),
    finalize: ({ inputs, blinds, blinded, evaluated, proof }) =>
      suite.finalize({ suite: suite.id, inputs, blinds, blinded, ...key }, evaluated, proof),
    evaluateInput: (input) => suite.evaluateInput(keyPair, input),
  };
}

interface Evaluator {
  evaluate(secretKey: Uint8Array, input: Uint8Array): Uint8Array;
}

/** RFC 9497 §3.3.1 Evaluate: noble has it in modes OPRF and VOPRF too, only its types leave it out. */
const evaluatorOf = <T extends object>(mode: T) => mode as T & Evaluator;

const columns = (rows: readonly { blind: Uint8Array; blinded: Uint8Array }[]) => ({
  blinds: rows.map(({ blind }) => blind),
  blinded: rows.map(({ blinded }) => blinded),
});

const items = ({ inputs, blinds, blinded, evaluated }: Round) =>
  inputs.map((input, i) => ({
    input,
    blind: at(blinds, i),
    blinded: at(blinded, i),
    evaluated: at(evaluated, i),
  }));

function at(list: readonly Uint8Array[], i: number): Uint8Array {
  const value = list[i];
  if (value === undefined) throw new RangeError(`only ${list.length} values`);
  return value;
}

const rng =
  (random: RandomBytes) =>
  (length = 32) =>
    Uint8Array.from(random(length));
