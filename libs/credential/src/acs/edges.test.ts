/** What the C library gets wrong and a port need not: the numbers are those of docs/acs.md. */
import { describe, expect, it } from '@jest/globals';
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import { asciiToBytes, bytesToHex, concatBytes } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';

import type { Group } from '../group.js';
import { suiteOf } from '../suites.js';
import { flipBit, issue, refusal, seededRandom } from '../testing.js';
import { groupOf } from '../testing/schemes.js';
import { generatorOf, verify } from './dleq.js';
import { hashToElement, hashToScalar } from './hash.js';
import { hmacKdf } from './kdf-hmac.js';
import { kdfOf } from './kdfs.js';
import { keyProofNonces } from './key-proof-nonces.js';
import { randomScalar, randomScalars } from './random-scalar.js';

const info = asciiToBytes('info');
const GROUPS = [groupOf('ristretto255'), groupOf('ed25519')];

describe('edge 2: the slots of naor-reingold that no bit uses', () => {
  const suite = suiteOf('acs-ristretto255-mul-naor-reingold');
  const { primaryPublicKey, keyPair } = issue(suite, seededRandom('slots'), 1);
  const digest = sha256(info);
  const isSet = (i: number) => (digest[i >> 3]! >> (i & 7)) & 1;
  const verifies = (proof: Uint8Array) => suite.verifyDerivedKey(primaryPublicKey, info, keyPair.public, proof);
  const bits = Array.from({ length: 256 }, (_, i) => i);
  const slots = (i: number) => [
    keyPair.proof.slice(64 * i, 64 * i + 64),
    keyPair.proof.slice(16_384 + 32 * i).slice(0, 32),
  ];

  // Kills: a buffer that is not cleared, and sends what was in memory.
  it('[ACS10] are zeros, the others not', () => {
    expect(keyPair.proof).toHaveLength(24_576);
    for (const i of bits)
      expect(slots(i).map((slot) => slot.some((byte) => byte !== 0))).toEqual([!!isSet(i), !!isSet(i)]);
  });

  // Kills: unused slots that are not looked at: a proof of many forms, and room for a tag.
  it('[ACS10] must be zeros', () => {
    expect(verifies(keyPair.proof)).toBe(true);
    const unused = bits.filter((i) => !isSet(i)).flatMap((i) => [512 * i + 7, 8 * (16_384 + 32 * i) + 255]);
    expect(unused.filter((bit) => verifies(flipBit(keyPair.proof, bit)))).toEqual([]);
    expect(unused.length).toBeGreaterThan(200);
  });

  // Edge 9 too. Kills: a step that is not verified, or whose element is not the one the next begins with.
  it('[ACS10] are not the only ones that count: a bit turned in a used slot is refused', () => {
    const used = bits.filter(isSet);
    const steps = [used[0]!, used[1]!, used[60]!, used.at(-1)!];
    const turned = steps.flatMap((i) => [512 * i, 512 * i + 255, 512 * i + 300, 8 * (16_384 + 32 * i) + 8]);
    expect(turned.filter((bit) => verifies(flipBit(keyPair.proof, bit)))).toEqual([]);
  });
});

// Edge 5. Kills: a key of an empty list, which the C library makes of memory it never wrote.
it.each(GROUPS)('[ACS7] edge 5: hmac over $name derives nothing from no attributes', (group) => {
  const kdf = hmacKdf(group);
  const key = kdf.generatePrimaryKey(seededRandom('hmac'));
  expect(refusal(() => kdf.deriveSecret(key, []))).toBe('invalid_input');
  expect(refusal(() => kdf.deriveSecret(key, [new Uint8Array(0)]))).toBe('accepted');
  expect(refusal(() => kdf.deriveSecret(key, 'text' as never))).toBe('invalid_input');
});

// Kills: x = 0, which has no inverse.
it.each(GROUPS)('[ACS7] sdhi over $name refuses the primary key that cancels the attributes', (group: Group) => {
  const kdf = kdfOf('sdhi', group);
  const zero = group.scalarFromUniform(new Uint8Array(64));
  const psk = group.subtractScalars(zero, hashToScalar(group, info));
  const [secret, ppk] = [group.encodeScalar(psk), group.encodeElement(group.multiplyGenerator(psk))];
  expect(refusal(() => kdf.deriveSecret(concatBytes(secret, ppk), [info]))).toBe('zero_key');
  const sent = { attributes: [info], public: generatorOf(group).bytes, proof: new Uint8Array(64).fill(1) };
  expect(kdf.verifyKey(ppk, sent)).toBe(false);
});

describe('edges 7 and 8: elements with another part or another encoding', () => {
  const suite = suiteOf('acs-ed25519-exp-sdhi');
  const { keyPair, blinded, state, evaluated, proof } = issue(suite, seededRandom('order'), 1);
  const point = ed25519.Point.fromBytes(blinded[0]!);
  const small = ED25519_TORSION_SUBGROUP.map((hex) => ed25519.Point.fromHex(hex)).filter((p) => !p.is0());

  // Kills: the check that libsodium before CVE-2025-69277 gets wrong for order 2: an evaluation tells the low bit.
  it('[ACS11] a part of order 2, 4 or 8 is refused, alone and beside an element', () => {
    expect(small).toHaveLength(7);
    for (const part of small) {
      for (const wrong of [part, point.add(part)]) {
        expect(refusal(() => suite.evaluate(keyPair, [wrong.toBytes()], seededRandom('x')))).toBe('malformed_element');
        expect(refusal(() => suite.finalize(state, [wrong.toBytes()], proof))).toBe('malformed_element');
      }
    }
    expect(refusal(() => suite.finalize(state, evaluated, proof))).toBe('accepted');
  });

  // Kills: bit 255 masked away, as libsodium 1.0.18 does: two encodings of one element.
  it('[ACS11] bit 255 of a ristretto255 encoding is refused', () => {
    const other = suiteOf('acs-ristretto255-exp-hmac');
    const issued = issue(other, seededRandom('top'), 1);
    const top = flipBit(issued.blinded[0]!, 255);
    expect(refusal(() => other.evaluate(issued.keyPair, [top], seededRandom('x')))).toBe('malformed_element');
  });
});

// Edge 10. Kills: mul unblinding Z = identity to -r·pk, which the C library does without a proof.
it.each(GROUPS)('[ACS11] edge 10: the identity is refused, in a proof over $name too', (group: Group) => {
  const suite = suiteOf(`acs-${group.name}-mul-hmac`);
  const { state, proof, keyPair } = issue(suite, seededRandom('identity'), 1);
  const identity = group.encodeElement(group.subtract(group.generator, group.generator));
  expect(refusal(() => suite.finalize(state, [identity], proof))).toBe('identity_element');
  expect(refusal(() => suite.finalize({ ...state, blinded: [identity] }, [keyPair.public], proof))).toBe(
    'identity_element',
  );
  expect(refusal(() => suite.evaluate(keyPair, [identity], seededRandom('x')))).toBe('identity_element');
  // s·G + c·E = 0 for E = G, c = 1, s = -1.
  const pair = { base: generatorOf(group), element: generatorOf(group) };
  const one = group.encodeScalar(group.scalarFromUniform(new Uint8Array(64).with(0, 1)));
  const zero = group.scalarFromUniform(new Uint8Array(64));
  const minusOne = group.encodeScalar(group.subtractScalars(zero, group.decodeScalar(one)));
  expect(verify(group, [pair, pair], concatBytes(one, minusOne))).toBe(false);
  expect(verify(group, [pair, pair], new Uint8Array(64))).toBe(false);
});

// Edge 13. Kills: an input that hashes to the identity taken for one whose output is secret.
it('[ACS11] edge 13: what ed25519 maps to the identity is no input', () => {
  const group = groupOf('ed25519');
  for (const uniform of [new Uint8Array(64), new Uint8Array(64).with(31, 0x80), new Uint8Array(64).with(40, 7)]) {
    expect(group.isIdentity(group.elementFromUniform(uniform))).toBe(true);
    const unlucky = { ...group, hash: () => uniform };
    expect(refusal(() => hashToElement(unlucky, info))).toBe('invalid_input');
  }
});

// Edge 12. Kills: an output that a longer input shares.
it('[ACS1] edge 12: moving bytes between input and element changes the output', () => {
  const suite = suiteOf('acs-ristretto255-exp-hmac');
  const { keyPair } = issue(suite, seededRandom('tail'), 1);
  const outputs = ['', '0', '00'].map((text) => bytesToHex(suite.evaluateInput(keyPair, asciiToBytes(text))));
  expect(new Set(outputs).size).toBe(3);
});

// Edge 15. Kills: the generator encoded again, or multiplied the slow way.
it('[ACS3] edge 15: a proof of an evaluation takes one multiplication of the generator and one more', () => {
  const calls = { multiply: 0, multiplyGenerator: 0 };
  const group = groupOf('ristretto255');
  const counting: Group = {
    ...group,
    multiply: (element, secret) => (calls.multiply++, group.multiply(element, secret)),
    multiplyGenerator: (secret) => (calls.multiplyGenerator++, group.multiplyGenerator(secret)),
  };
  const suite = suiteOf('acs-ristretto255-exp-hmac', { name: 'counting', group: () => counting });
  const { keyPair, blinded } = issue(suite, seededRandom('count'), 5);
  Object.assign(calls, { multiply: 0, multiplyGenerator: 0 });
  suite.evaluate(keyPair, blinded, seededRandom('x'));
  expect(calls).toEqual({ multiply: 10, multiplyGenerator: 5 });
});

describe('edge 16: random scalars', () => {
  const group = groupOf('ristretto255');
  const draws = (...bytes: Uint8Array[]) => {
    const queue = [...bytes];
    return { random: () => queue.shift()!, left: () => queue.length };
  };
  const below = new Uint8Array(32).fill(7).with(31, 0xe7);
  const above = new Uint8Array(32).fill(0xff);

  it('[ACS8] are 32 bytes without their top three bits, drawn again until below the order and not zero', () => {
    const top = new Uint8Array(32).with(31, 0xe0);
    const { random, left } = draws(above, top, below, below);
    expect(group.encodeScalar(randomScalar(group, random))).toEqual(below.with(31, 7));
    expect(left()).toBe(1);
  });

  // Kills: a loop without an end over a generator that is stuck.
  it('[ACS8] are given up on after 128 tries, and at once for zeros or another length', () => {
    let tries = 0;
    expect(refusal(() => randomScalar(group, () => (tries++, above)))).toBe('invalid_randomness');
    expect(tries).toBe(128);
    for (const bad of [new Uint8Array(32), below.slice(1), new Uint8Array(33).fill(1), undefined as never]) {
      expect(refusal(() => randomScalar(group, () => bad))).toBe('invalid_randomness');
    }
  });

  it('[ACS8] that come twice are refused', () => {
    expect(refusal(() => randomScalars(group, 2, draws(below, below).random))).toBe('invalid_randomness');
    expect(randomScalars(group, 2, draws(below, below.with(0, 9)).random)).toHaveLength(2);
  });

  // Kills: one nonce for two statements: a scalar that is a key on two curves would come out.
  it('[ACS6] of key proofs differ by primary key, group, derivation, attributes and number', () => {
    const key = seededRandom('key')(64);
    const nonces = (
      ...[primaryKey, group, kdf, attributes]: [Uint8Array, Group['name'], 'sdhi' | 'naor-reingold', string]
    ) => {
      const random = keyProofNonces(primaryKey, { group, kdf, attributes: asciiToBytes(attributes) });
      return [random(32), random(32)].map((bytes) => bytesToHex(bytes));
    };
    const all = [
      nonces(key, 'ristretto255', 'sdhi', 'a'),
      nonces(flipBit(key, 3), 'ristretto255', 'sdhi', 'a'),
      nonces(key, 'ed25519', 'sdhi', 'a'),
      nonces(key, 'ristretto255', 'naor-reingold', 'a'),
      nonces(key, 'ristretto255', 'sdhi', 'b'),
    ].flat();
    expect(new Set(all).size).toBe(10);
  });
});
