import { describe, expect, it } from '@jest/globals';
import { asciiToBytes, concatBytes } from '@noble/curves/utils.js';

import type { Group } from '../group.js';
import { flipBit, issue, refusal, seededRandom } from '../testing.js';
import { PROVERS } from '../testing/provers.js';
import { RFC9497_GROUPS, SUITES } from '../testing/schemes.js';
import { encodingsOf } from '../testing/spoilt.js';
import { generateKeyPair } from './key-pair.js';
import { voprf } from './voprf.js';

describe.each(PROVERS)('a proof of $name', ({ name, group, play }) => {
  // Kills: proof not verified, or only its beginning.
  it('[CRD9] fails with any one of its 512 bits turned', () => {
    const { evaluated, proof, finalize } = play(seededRandom(`flip ${name}`), 1);
    const answers = Array.from({ length: 512 }, (_, bit) => refusal(() => finalize(evaluated, flipBit(proof, bit))));
    expect(answers.filter((answer) => answer !== 'invalid_proof')).toEqual([]);
    expect(refusal(() => finalize(evaluated, proof))).toBe('accepted');
  });

  // Kills: scalars of a proof reduced modulo the order instead of refused, so that one proof has many forms.
  it('[CRD9] fails when the order is added to one of its scalars, and at any other length', () => {
    const { evaluated, proof, finalize } = play(seededRandom(`malleable ${name}`), 1);
    const { order, toNumber, toBytes } = encodingsOf(group.name);
    const [c, s] = [proof.subarray(0, 32), proof.subarray(32)];
    const bigger = (scalar: Uint8Array, times: bigint) => {
      const sum = toNumber(scalar) + times * order;
      return sum < 2n ** 256n ? [toBytes(sum, 32)] : [];
    };
    const forms = [1n, 2n, 14n].flatMap((n) => [
      ...bigger(c, n).map((c) => concatBytes(c, s)),
      ...bigger(s, n).map((s) => concatBytes(c, s)),
    ]);
    const lengths = [0, 1, 32, 63, 65, 128].map((n) => concatBytes(proof, proof).slice(0, n));
    for (const form of [...forms, ...lengths, new Uint8Array(64), new Uint8Array(64).fill(255)]) {
      expect(refusal(() => finalize(evaluated, form))).toBe('invalid_proof');
    }
    expect(refusal(() => finalize(evaluated, [...proof] as never))).toBe('invalid_proof');
  });

  // Kills: the key of the proof taken from the issuer instead of the state (a key of its own for one device).
  it('[CRD10] fails for another key, however consistently the issuer uses it', () => {
    const { finalize, underAnotherKey } = play(seededRandom(`other key ${name}`), 1);
    for (let i = 0; i < 25; i++) {
      const { evaluated, proof } = underAnotherKey();
      expect(refusal(() => finalize(evaluated, proof))).toBe('invalid_proof');
    }
  });

  // Kills: composites without the index, without D, or without the element itself.
  it('[CRD11] fails for the batch in another order, of another issuance, or in part', () => {
    const { evaluated, proof, finalize, again } = play(seededRandom(`order ${name}`), 3);
    const [a, b, c] = evaluated as [Uint8Array, Uint8Array, Uint8Array];
    const orders = [
      [b, a, c],
      [a, c, b],
      [c, b, a],
      [b, c, a],
    ];
    for (const order of orders) expect(refusal(() => finalize(order, proof))).toBe('invalid_proof');
    const foreign = again();
    const [, , f] = foreign.evaluated as [Uint8Array, Uint8Array, Uint8Array];
    expect(refusal(() => finalize(foreign.evaluated, foreign.proof))).toBe('invalid_proof');
    expect(refusal(() => finalize([a, b, f], proof))).toBe('invalid_proof');
    expect(refusal(() => finalize([a, b], proof))).toBe('mismatched_batch');
    expect(refusal(() => finalize([a, b, c, f], proof))).toBe('mismatched_batch');
  });

  // Kills: the sum of a batch proven instead of each element (errors that cancel out).
  it('[CRD11] fails when two evaluated elements are wrong by amounts that cancel', () => {
    const { evaluated, proof, finalize } = play(seededRandom(`cancel ${name}`), 2);
    const [a, b] = evaluated.map((bytes) => group.decodeElement(bytes));
    const shifted = [group.add(a, group.generator), group.subtract(b, group.generator)];
    const encoded = shifted.map((element) => group.encodeElement(element));
    expect(refusal(() => finalize(encoded, proof))).toBe('invalid_proof');
  });

  // Kills: identities that the issuer can make of the commitments, hashed as if they were elements.
  it('[CRD9] fails when its commitments come out as the identity', () => {
    const { evaluated, secret, finalize } = play(seededRandom(`identity ${name}`), 1);
    const { order, toNumber, toBytes } = encodingsOf(group.name);
    const [c, s] = [toBytes(1n, 32), toBytes(order - toNumber(secret), 32)]; // s·G + c·B = 0
    expect(refusal(() => finalize(evaluated, concatBytes(c, s)))).toBe('invalid_proof');
    expect(refusal(() => finalize(evaluated, new Uint8Array(64)))).toBe('invalid_proof');
  });
});

describe.each(SUITES)('a proof of $id', ({ suite }) => {
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
});

describe.each(RFC9497_GROUPS)('over $name', (group) => {
  // Kills: weights of a proof that are known before the elements are: from the key and the index alone.
  it('[CRD11] a proof fails for elements that are wrong by amounts that cancel under the weights of the right ones', () => {
    const random = seededRandom('weights');
    const keyPair = generateKeyPair(group, random);
    const state = voprf(group).blind([random(32), random(32)], random);
    const { evaluated, proof } = voprf(group).evaluate(keyPair, state.blinded, random);
    const finalizeWith = (over: Group, elements: readonly Uint8Array[]) =>
      refusal(() => voprf(over).finalize(keyPair.public, state, elements, proof));
    const sums: (readonly unknown[])[] = [];
    const sumOfProducts: Group['sumOfProducts'] = (elements, scalars) => {
      sums.push(scalars);
      return group.sumOfProducts(elements, scalars);
    };
    expect(finalizeWith({ ...group, sumOfProducts }, evaluated)).toBe('accepted');
    const [first, second] = sums[0] as [never, never];
    // first · (a + second·G) + second · (b − first·G) is first·a + second·b.
    const [a, b] = evaluated.map((bytes) => group.decodeElement(bytes));
    const shifted = [
      group.add(a!, group.multiplyGenerator(second)),
      group.subtract(b!, group.multiplyGenerator(first)),
    ];
    const wrong = shifted.map((element) => group.encodeElement(element));
    expect(finalizeWith(group, wrong)).toBe('invalid_proof');
  });

  // Kills: the check of any one of M, Z, t2 and t3, which then is hashed as if it were an element.
  it('[CRD9] a proof fails when a composite or a commitment comes out as the identity', () => {
    const random = seededRandom('composites');
    const keyPair = generateKeyPair(group, random);
    const state = voprf(group).blind([random(32)], random);
    const { evaluated, proof } = voprf(group).evaluate(keyPair, state.blinded, random);
    const identity = group.subtract(group.generator, group.generator);
    const answers = [0, 1, 2, 3, 4].map((nth) => {
      let sums = 0;
      const sumOfProducts: Group['sumOfProducts'] = (elements, scalars) =>
        sums++ === nth ? identity : group.sumOfProducts(elements, scalars);
      const mode = voprf({ ...group, sumOfProducts });
      return refusal(() => mode.finalize(keyPair.public, state, evaluated, proof));
    });
    // There are four sums; without a fault the proof holds.
    expect(answers).toEqual([...new Array(4).fill('invalid_proof'), 'accepted']);
  });
});
