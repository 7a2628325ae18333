/** The implementations that RFC 9497's vectors are run through: noble's, and ours over the groups of an engine. */
import type { OPRF } from '@noble/curves/abstract/oprf.js';
import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js';
import { p256, p256_oprf } from '@noble/curves/nist.js';
import { bytesToNumberBE, bytesToNumberLE, numberToBytesBE, numberToBytesLE } from '@noble/curves/utils.js';

import type { Group, GroupName } from './group.js';
import type { Mode } from './oprf/context.js';
import { deriveKeyPair, type OprfKeyPair } from './oprf/key-pair.js';
import { oprf } from './oprf/oprf.js';
import { poprfSuite } from './oprf/poprf-suite.js';
import { voprf } from './oprf/voprf.js';
import type { RandomBytes } from './suite.js';

export interface Keys extends OprfKeyPair {
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
export interface Protocol {
  blind(inputs: readonly Uint8Array[], random: RandomBytes): Pick<Round, 'blinds' | 'blinded'>;
  evaluate(blinded: readonly Uint8Array[], random: RandomBytes): Pick<Round, 'evaluated' | 'proof'>;
  finalize(round: Round): Uint8Array[];
  evaluateInput(input: Uint8Array): Uint8Array;
}

/** All modes of one ciphersuite. */
export interface Implementation {
  readonly name: string;
  /** RFC 9497 §3.2.1; the seed has 32 bytes. */
  deriveKeyPair(mode: Mode, seed: Uint8Array, keyInfo: Uint8Array): OprfKeyPair;
  protocol(mode: Mode, keys: Keys): Protocol;
  /** The random bytes from which this implementation makes this scalar. */
  randomnessFor(scalar: Uint8Array, length: number): Uint8Array;
}

export interface Ciphersuite {
  readonly group: GroupName;
  readonly hash: string;
  readonly noble: OPRF;
  readonly order: bigint;
  decode(scalar: Uint8Array): bigint;
  encode(scalar: bigint, length: number): Uint8Array;
}

/** By the RFC's identifier. */
export const CIPHERSUITES: ReadonlyMap<string, Ciphersuite> = new Map<string, Ciphersuite>([
  [
    'ristretto255-SHA512',
    {
      group: 'ristretto255',
      hash: 'SHA512',
      noble: ristretto255_oprf,
      order: ristretto255.Point.Fn.ORDER,
      decode: bytesToNumberLE,
      encode: numberToBytesLE,
    },
  ],
  [
    'P256-SHA256',
    {
      group: 'P-256',
      hash: 'SHA256',
      noble: p256_oprf,
      order: p256.Point.Fn.ORDER,
      decode: bytesToNumberBE,
      encode: numberToBytesBE,
    },
  ],
]);

export function ours(name: string, group: Group, { decode, encode }: Ciphersuite): Implementation {
  const modes = [ourOprf, ourVoprf, ourPoprf] as const;
  return {
    name,
    deriveKeyPair: (mode, seed, keyInfo) => deriveKeyPair(group, mode, seed, keyInfo),
    protocol: (mode, keys) => modes[mode](group, keys),
    // Uniform bytes modulo the order.
    randomnessFor: (scalar, length) => encode(decode(scalar), length),
  };
}

function ourOprf(group: Group, { secret }: Keys): Protocol {
  const mode = oprf(group);
  return {
    blind: mode.blind,
    evaluate: (blinded) => ({ evaluated: mode.evaluate(secret, blinded), proof: new Uint8Array(0) }),
    finalize: (round) => mode.finalize(round, round.evaluated),
    evaluateInput: (input) => mode.evaluateInput(secret, input),
  };
}

function ourVoprf(group: Group, keys: Keys): Protocol {
  const mode = voprf(group);
  return {
    blind: mode.blind,
    evaluate: (blinded, random) => mode.evaluate(keys, blinded, random),
    finalize: (round) => mode.finalize(keys.public, round, round.evaluated, round.proof),
    evaluateInput: (input) => mode.evaluateInput(keys.secret, input),
  };
}

function ourPoprf(group: Group, { secret, public: publicKey, info }: Keys): Protocol {
  const suite = poprfSuite(group);
  const keyPair = suite.deriveKeyPair(secret, info);
  // The device's key comes from the public side, so the two halves are compared through the proof.
  const key = { public: suite.derivePublicKey(publicKey, info), attributes: info };
  return {
    blind: (inputs, random) => suite.blind(inputs, key, random).state,
    evaluate: (blinded, random) => suite.evaluate(keyPair, blinded, random),
    finalize: ({ inputs, blinds, blinded, evaluated, proof }) =>
      suite.finalize({ suite: suite.id, inputs, blinds, blinded, ...key }, evaluated, proof),
    evaluateInput: (input) => suite.evaluateInput(keyPair, input),
  };
}

/** Independent of ours down to the curve; the curve is the same. */
export function nobles({ noble, decode, encode }: Ciphersuite): Implementation {
  const modes = [nobleOprf, nobleVoprf, noblePoprf] as const;
  return {
    name: "noble's OPRF",
    deriveKeyPair: (mode, seed, keyInfo) => {
      const ofMode = mode === 0 ? noble.oprf : mode === 1 ? noble.voprf : noble.poprf(new Uint8Array(0));
      const { secretKey, publicKey } = ofMode.deriveKeyPair(seed, keyInfo);
      return { secret: secretKey, public: publicKey };
    },
    protocol: (mode, keys) => modes[mode](noble, keys),
    // 1 + (bytes modulo (order - 1))
    randomnessFor: (scalar, length) => encode(decode(scalar) - 1n, length),
  };
}

function nobleOprf({ oprf }: OPRF, { secret }: Keys): Protocol {
  return {
    blind: (inputs, random) => columns(inputs.map((input) => oprf.blind(input, rng(random)))),
    evaluate: (blinded) => ({
      evaluated: blinded.map((element) => oprf.blindEvaluate(secret, element)),
      proof: new Uint8Array(0),
    }),
    finalize: (round) => items(round).map(({ input, blind, evaluated }) => oprf.finalize(input, blind, evaluated)),
    evaluateInput: (input) => evaluatorOf(oprf).evaluate(secret, input),
  };
}

function nobleVoprf({ voprf }: OPRF, { secret, public: publicKey }: Keys): Protocol {
  return {
    blind: (inputs, random) => columns(inputs.map((input) => voprf.blind(input, rng(random)))),
    evaluate: (blinded, random) => voprf.blindEvaluateBatch(secret, publicKey, [...blinded], rng(random)),
    finalize: (round) => voprf.finalizeBatch(items(round), publicKey, round.proof),
    evaluateInput: (input) => evaluatorOf(voprf).evaluate(secret, input),
  };
}

function noblePoprf({ poprf }: OPRF, { secret, public: publicKey, info }: Keys): Protocol {
  const mode = poprf(info);
  // Only `blind` tells the tweaked key; the input and the blind do not enter it.
  const tweakedKey = () => mode.blind(info, publicKey).tweakedKey;
  return {
    blind: (inputs, random) => columns(inputs.map((input) => mode.blind(input, publicKey, rng(random)))),
    evaluate: (blinded, random) => mode.blindEvaluateBatch(secret, [...blinded], rng(random)),
    finalize: (round) => mode.finalizeBatch(items(round), round.proof, tweakedKey()),
    evaluateInput: (input) => mode.evaluate(secret, input),
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
