import { describe, expect, it } from '@jest/globals';
import {
  asciiToBytes,
  bytesToHex,
  bytesToNumberLE,
  concatBytes,
  hexToBytes,
  numberToBytesLE,
} from '@noble/curves/utils.js';
import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js';

import type { BlindState } from '../suite.js';
import { DEFAULT_SUITE, suiteOf } from '../suites.js';
import { flipBit, issue, refusal, seededRandom } from '../testing.js';
import { SUITES } from '../testing/schemes.js';

const info = asciiToBytes('info');

describe.each(SUITES)('$id', ({ suite, group }) => {
  it.each([1, 2, 3, 17])('[CRD1] device and redeemer get the same output, batch of %i', (batch) => {
    const { state, evaluated, proof, keyPair, inputs } = issue(suite, seededRandom('roundtrip'), batch);
    const outputs = suite.finalize(state, evaluated, proof);
    expect(outputs).toEqual(inputs.map((input) => suite.evaluateInput(keyPair, input)));
    expect(outputs.every((output) => output.length === group.hashLength)).toBe(true);
  });

  // Kills: attributes, key or input left out of the output.
  it('[CRD1] outputs differ by input, attributes and key', () => {
    const random = seededRandom('separate');
    const [k1, k2] = [suite.generatePrimaryKey(random), suite.generatePrimaryKey(random)];
    const outputs = [k1, k2].flatMap((k) =>
      ['ab', 'abc', ''].flatMap((attributes) =>
        ['c', ''].map((input) =>
          bytesToHex(suite.evaluateInput(suite.deriveKeyPair(k, asciiToBytes(attributes)), asciiToBytes(input))),
        ),
      ),
    );
    expect(new Set(outputs).size).toBe(12);
  });

  // Kills: a blind that leaks into the output, or that is reused.
  it('[CRD2] blinding hides the input and leaves no trace in the output', () => {
    const random = seededRandom('hide');
    const { key, keyPair, inputs } = issue(suite, random, 1);
    const runs = Array.from({ length: 20 }, () => suite.blind(inputs, key, random));
    expect(new Set(runs.map(({ blinded: [b] }) => bytesToHex(b ?? info))).size).toBe(20);
    const outputs = runs.slice(0, 3).map(({ state, blinded }) => {
      const { evaluated, proof } = suite.evaluate(keyPair, blinded, random);
      return suite.finalize(state, evaluated, proof);
    });
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[2]).toEqual(outputs[0]);
  });

  // Kills: randomness taken from anywhere but the argument.
  it('[CRD3] the same randomness gives the same bytes, other randomness others', () => {
    const all = (seed: string) => {
      const { primaryKey, state, blinded, evaluated, proof } = issue(suite, seededRandom(seed), 2);
      return [primaryKey, ...state.blinds, ...blinded, ...evaluated, proof].map((bytes) => bytesToHex(bytes));
    };
    expect(all('a')).toEqual(all('a'));
    expect(new Set([...all('a'), ...all('b')]).size).toBe(16);
  });

  it('[CRD5] the device derives the issuer’s public key, and no other', () => {
    const { primaryPublicKey, keyPair } = issue(suite, seededRandom('derive'), 1);
    const { proof } = keyPair;
    expect(suite.derivePublicKey(primaryPublicKey, info)).toEqual(keyPair.public);
    expect(suite.verifyDerivedKey(primaryPublicKey, info, keyPair.public, proof)).toBe(true);
    // Kills: attributes, key or proof ignored.
    const other = issue(suite, seededRandom('other'), 1);
    expect(suite.verifyDerivedKey(primaryPublicKey, asciiToBytes('inf0'), keyPair.public, proof)).toBe(false);
    expect(suite.verifyDerivedKey(other.primaryPublicKey, info, keyPair.public, proof)).toBe(false);
    expect(suite.verifyDerivedKey(primaryPublicKey, info, other.keyPair.public, proof)).toBe(false);
    expect(suite.verifyDerivedKey(primaryPublicKey, info, keyPair.public, Uint8Array.of(0))).toBe(false);
    for (let bit = 0; bit < 256; bit += 8) {
      expect(suite.verifyDerivedKey(primaryPublicKey, info, flipBit(keyPair.public, bit), proof)).toBe(false);
    }
  });

  // Kills: t = 0 accepted, which has no inverse and whose public key is the identity.
  it('[CRD6] the primary key that cancels the attributes is refused on both sides', () => {
    const random = seededRandom('zero');
    const { primaryKey, keyPair } = issue(suite, random, 1);
    const [k, t] = [primaryKey, keyPair.secret].map((bytes) => group.decodeScalar(bytes));
    const cancelling = group.encodeScalar(group.subtractScalars(k, t)); // -H(info)
    expect(refusal(() => suite.deriveKeyPair(cancelling, info))).toBe('zero_key');
    expect(refusal(() => suite.derivePublicKey(suite.primaryPublicKey(cancelling), info))).toBe('zero_key');
    expect(refusal(() => suite.primaryPublicKey(new Uint8Array(32)))).toBe('zero_key');
  });

  // Kills: a state that holds points or refers to the caller's arrays.
  it('[CRD7] a blind state survives storage and changes of what it was made from', () => {
    const { state, blinded, key, inputs, evaluated, proof } = issue(suite, seededRandom('store'), 2);
    const list = (values: readonly Uint8Array[]) => values.map((bytes) => bytesToHex(bytes));
    const stored = JSON.stringify({
      ...state,
      inputs: list(state.inputs),
      blinds: list(state.blinds),
      blinded: list(state.blinded),
      public: bytesToHex(state.public),
      attributes: bytesToHex(state.attributes),
    });
    const outputs = suite.finalize(state, evaluated, proof);
    for (const bytes of [...blinded, ...inputs, key.public]) bytes.fill(0);
    expect(suite.finalize(state, evaluated, proof)).toEqual(outputs);
    const raw = JSON.parse(stored) as Record<'inputs' | 'blinds' | 'blinded', string[]> &
      Record<'suite' | 'public' | 'attributes', string>;
    const back = (values: string[]) => values.map((hex) => hexToBytes(hex));
    const restored: BlindState = {
      suite: raw.suite,
      inputs: back(raw.inputs),
      blinds: back(raw.blinds),
      blinded: back(raw.blinded),
      public: hexToBytes(raw.public),
      attributes: hexToBytes(raw.attributes),
    };
    expect(suite.finalize(restored, evaluated, proof)).toEqual(outputs);
    expect(refusal(() => suite.finalize({ ...state, suite: 'acs' }, evaluated, proof))).toBe('unknown_suite');
  });

  // Kills: a cached key used after the array that held it was wiped or refilled.
  it('[CRD8] what is remembered of a key goes with its bytes', () => {
    const random = seededRandom('cache');
    const [one, two] = [issue(suite, random, 1).keyPair, issue(suite, random, 1).keyPair];
    const secret = Uint8Array.from(one.secret);
    const outputOf = () => suite.evaluateInput({ secret, attributes: info }, info);
    expect(outputOf()).toEqual(suite.evaluateInput(one, info));
    secret.set(two.secret);
    expect(outputOf()).toEqual(suite.evaluateInput(two, info));
    secret.fill(0);
    expect(refusal(outputOf)).toBe('zero_key');

    const round = issue(suite, random, 1);
    const publicKey = Uint8Array.from(round.key.public);
    const finalize = () =>
      refusal(() => suite.finalize({ ...round.state, public: publicKey }, round.evaluated, round.proof));
    expect(finalize()).toBe('accepted');
    publicKey.set(two.public);
    expect(finalize()).toBe('invalid_proof');
  });
});

describe('poprf-ristretto255-sha512', () => {
  const suite = suiteOf(DEFAULT_SUITE);

  // Kills: a change of transcript, order of randomness or composites that only our two sides agree on.
  it('[CRD4] equals noble on random keys, inputs, attributes and batches', () => {
    const random = seededRandom('noble');
    for (const batch of [1, 2, 3, 4]) {
      const attributes = random(batch * 7);
      const { primaryKey, inputs, blinded, evaluated } = issue(suite, random, batch, attributes);
      const poprf = ristretto255_oprf.poprf(attributes);
      const nonce = random(32).fill(0, 31); // Below the order, which has 253 bits.
      const theirs = poprf.blindEvaluateBatch(
        primaryKey,
        blinded.map((b) => Uint8Array.from(b)),
        // noble's RandomScalar is 1 + (bytes modulo (order - 1)), ours the bytes modulo the order.
        () => numberToBytesLE(bytesToNumberLE(nonce) - 1n, 48),
      );
      const ours = suite.evaluate(suite.deriveKeyPair(primaryKey, attributes), blinded, () =>
        concatBytes(nonce, new Uint8Array(32)),
      );
      expect(ours).toEqual(theirs);
      expect(ours.evaluated).toEqual(evaluated);
      const keyPair = suite.deriveKeyPair(primaryKey, attributes);
      expect(inputs.map((x) => suite.evaluateInput(keyPair, x))).toEqual(
        inputs.map((x) => poprf.evaluate(primaryKey, x)),
      );
    }
  });

  it('[CRD4] a generated key is the RFC’s RandomScalar: 64 bytes, little-endian, modulo the order', () => {
    const { ORDER } = ristretto255.Point.Fn;
    const bytes = numberToBytesLE((2n ** 200n + 7n) * ORDER + 42n, 64);
    expect(suite.generatePrimaryKey(() => bytes)).toEqual(numberToBytesLE(42n, 32));
  });
});
