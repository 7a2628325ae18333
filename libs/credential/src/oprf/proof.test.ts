import { describe, expect, it } from '@jest/globals';
import { ristretto255 } from '@noble/curves/ed25519.js';
import { asciiToBytes, bytesToNumberLE, concatBytes, numberToBytesLE } from '@noble/curves/utils.js';

import { DEFAULT_SUITE, suiteOf } from '../suites.js';
import { flipBit, issue, refusal, seededRandom } from '../testing.js';

const suite = suiteOf(DEFAULT_SUITE);
const ORDER = ristretto255.Point.Fn.ORDER;

describe('the proof of an evaluation', () => {
  // Kills: proof not verified, or only its beginning.
  it('[CRD9] fails with any one of its 512 bits turned', () => {
    const { state, evaluated, proof } = issue(suite, seededRandom('flip'), 1);
    const answers = Array.from({ length: 512 }, (_, bit) =>
      refusal(() => suite.finalize(state, evaluated, flipBit(proof, bit))),
    );
    expect(answers.filter((answer) => answer !== 'invalid_proof')).toEqual([]);
    expect(answers).toHaveLength(512);
  });

  // Kills: scalars of a proof reduced modulo the order instead of refused, so that one proof has many forms.
  it('[CRD9] fails when the order is added to one of its scalars, and at any other length', () => {
    const { state, evaluated, proof } = issue(suite, seededRandom('malleable'), 1);
    const [c, s] = [proof.subarray(0, 32), proof.subarray(32)];
    const bigger = (scalar: Uint8Array, times: bigint) => numberToBytesLE(bytesToNumberLE(scalar) + times * ORDER, 32);
    const forms = [1n, 2n, 14n].flatMap((n) => [concatBytes(bigger(c, n), s), concatBytes(c, bigger(s, n))]);
    const lengths = [0, 1, 32, 63, 65, 128].map((n) => concatBytes(proof, proof).slice(0, n));
    for (const form of [...forms, ...lengths, new Uint8Array(64), new Uint8Array(64).fill(255)]) {
      expect(refusal(() => suite.finalize(state, evaluated, form))).toBe('invalid_proof');
    }
    expect(refusal(() => suite.finalize(state, evaluated, [...proof] as never))).toBe('invalid_proof');
  });

  // Kills: the key of the proof taken from the issuer instead of the state (a key of its own for one device).
  it('[CRD10] fails for another key, however consistently the issuer uses it', () => {
    const random = seededRandom('other key');
    const { state, blinded } = issue(suite, random, 1);
    for (let i = 0; i < 50; i++) {
      const other = suite.deriveKeyPair(suite.generatePrimaryKey(random), asciiToBytes('info'));
      const { evaluated, proof } = suite.evaluate(other, blinded, random);
      expect(refusal(() => suite.finalize(state, evaluated, proof))).toBe('invalid_proof');
    }
  });

  // Kills: attributes not in the key (a token of one slot spent in another, a slot of one device's own).
  it('[CRD10] fails for the same primary key under other attributes', () => {
    const random = seededRandom('other info');
    const { state, blinded, primaryKey } = issue(suite, random, 1);
    for (const attributes of ['', 'inf', 'info0', 'Info', 'ofni']) {
      const other = suite.deriveKeyPair(primaryKey, asciiToBytes(attributes));
      const { evaluated, proof } = suite.evaluate(other, blinded, random);
      expect(refusal(() => suite.finalize(state, evaluated, proof))).toBe('invalid_proof');
    }
  });

  // Kills: composites without the index, without D, or without the element itself.
  it('[CRD11] fails for the batch in another order, of another issuance, or in part', () => {
    const random = seededRandom('order');
    const { state, evaluated, proof, keyPair, key, inputs } = issue(suite, random, 3);
    const [a, b, c] = evaluated as [Uint8Array, Uint8Array, Uint8Array];
    for (const order of [
      [b, a, c],
      [a, c, b],
      [c, b, a],
      [b, c, a],
    ]) {
      expect(refusal(() => suite.finalize(state, order, proof))).toBe('invalid_proof');
    }
    const again = suite.blind(inputs, key, random);
    const foreign = suite.evaluate(keyPair, again.blinded, random);
    expect(refusal(() => suite.finalize(state, foreign.evaluated, foreign.proof))).toBe('invalid_proof');
    expect(refusal(() => suite.finalize(state, [a, b, foreign.evaluated[2] ?? c], proof))).toBe('invalid_proof');
    expect(refusal(() => suite.finalize(state, [a, b], proof))).toBe('mismatched_batch');
    expect(refusal(() => suite.finalize(state, [a, b, c, foreign.evaluated[0] ?? c], proof))).toBe('mismatched_batch');
  });

  // Kills: the sum of a batch proven instead of each element (errors that cancel out).
  it('[CRD11] fails when two evaluated elements are wrong by amounts that cancel', () => {
    const { Point } = ristretto255;
    const { state, evaluated, proof } = issue(suite, seededRandom('cancel'), 2);
    const [a, b] = evaluated.map((bytes) => Point.fromBytes(bytes));
    if (a === undefined || b === undefined) throw new RangeError('batch of two expected');
    const shifted = [a.add(Point.BASE), b.subtract(Point.BASE)].map((point) => point.toBytes());
    expect(refusal(() => suite.finalize(state, shifted, proof))).toBe('invalid_proof');
  });
});
