import { describe, expect, it } from '@jest/globals';
import { ristretto255 } from '@noble/curves/ed25519.js';
import {
  asciiToBytes,
  bytesToHex,
  bytesToNumberLE,
  concatBytes,
  hexToBytes,
  numberToBytesLE,
} from '@noble/curves/utils.js';

import { MAX_BATCH } from '../batch.js';
import { CredentialError } from '../errors.js';
import { DEFAULT_SUITE, suiteOf } from '../suites.js';
import { issue, refusal, seededRandom } from '../testing.js';

const suite = suiteOf(DEFAULT_SUITE);
const random = seededRandom('refusals');
const info = asciiToBytes('info');
const good = issue(suite, random, 2);
const [b0, b1] = good.blinded as [Uint8Array, Uint8Array];
const [e0, e1] = good.evaluated as [Uint8Array, Uint8Array];

/** Everywhere an element comes in. */
const ELEMENT_DOORS: Record<string, (x: Uint8Array) => unknown> = {
  'evaluate: blinded': (x) => suite.evaluate(good.keyPair, [x], random),
  'evaluate: second blinded': (x) => suite.evaluate(good.keyPair, [b0, x], random),
  'finalize: evaluated': (x) => suite.finalize(good.state, [x, e1], good.proof),
  'finalize: state.blinded': (x) => suite.finalize({ ...good.state, blinded: [x, b1] }, good.evaluated, good.proof),
  'finalize: state.public': (x) => suite.finalize({ ...good.state, public: x }, good.evaluated, good.proof),
  'blind: key.public': (x) => suite.blind([info], { public: x, attributes: info }, random),
  derivePublicKey: (x) => suite.derivePublicKey(x, info),
  verifyDerivedKey: (x) => suite.verifyDerivedKey(x, info, good.keyPair.public, new Uint8Array(0)),
};

/** Everywhere a secret scalar comes in. */
const SCALAR_DOORS: Record<string, (x: Uint8Array) => unknown> = {
  primaryPublicKey: (x) => suite.primaryPublicKey(x),
  deriveKeyPair: (x) => suite.deriveKeyPair(x, info),
  evaluateInput: (x) => suite.evaluateInput({ secret: x, attributes: info }, info),
  'evaluate: secret': (x) => suite.evaluate({ ...good.keyPair, secret: x }, [b0], random),
  'finalize: state.blinds': (x) => suite.finalize({ ...good.state, blinds: [x, x] }, good.evaluated, good.proof),
};

/** RFC 9496 Appendix A.2: not canonical, negative, not on the curve, negative xy, s = -1. */
const BAD_ENCODINGS = `
00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
0100000000000000000000000000000000000000000000000000000000000000 01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20 c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562
c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78 47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24
f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72 87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309
26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371 4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f
de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042
2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08 f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22
8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731 2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b
3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220
d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e 8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32
32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b 227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165
5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e 445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b
ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f`
  .trim()
  .split(/\s+/)
  .map((hex) => hexToBytes(hex));

/** Ways to spoil an encoding, each certain to give a malformed element. */
const SPOIL_ELEMENT: ((x: Uint8Array) => Uint8Array)[] = [
  (x) => Uint8Array.of((x[0] ?? 0) | 1, ...x.subarray(1)), // negative
  (x) => Uint8Array.of(...x.subarray(0, 31), (x[31] ?? 0) | 0x80), // bit 255
  (x) => Uint8Array.of(0xee + ((x[0] ?? 0) % 17), ...new Uint8Array(30).fill(0xff), 0x7f), // p and above
  (x) => x.subarray(0, 31),
  (x) => concatBytes(x, Uint8Array.of(0)),
];

/** Ways to spoil a scalar: a multiple of the order added (15 of them fit), or another length. */
const SPOIL_SCALAR: ((x: Uint8Array) => Uint8Array)[] = [
  (x) => numberToBytesLE(bytesToNumberLE(x) + ristretto255.Point.Fn.ORDER, 32),
  (x) => numberToBytesLE(bytesToNumberLE(x) + 14n * ristretto255.Point.Fn.ORDER, 32),
  (x) => Uint8Array.of(...x.subarray(0, 31), 0xff),
  (x) => x.subarray(0, 31),
  (x) => concatBytes(x, Uint8Array.of(0)),
];

describe('refusals', () => {
  // Kills: encodings reduced, masked or padded before they are decoded.
  it.each(Object.entries(ELEMENT_DOORS))('[CRD12] malformed elements are refused by %s', (_, door) => {
    for (const bad of BAD_ENCODINGS) expect(refusal(() => door(bad))).toBe('malformed_element');
    const codes = new Map<string, number>();
    for (let i = 0; i < 1000; i++) {
      const spoil = SPOIL_ELEMENT[i % SPOIL_ELEMENT.length];
      const code = refusal(() => door(spoil?.(random(32)) ?? info));
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect([...codes]).toEqual([['malformed_element', 1000]]);
    expect(refusal(() => door(new Uint8Array(0)))).toBe('malformed_element');
    expect(refusal(() => door([...b0] as never))).toBe('malformed_element');
  });

  // Kills: the check that RFC 9497 §3.3 leaves to applications.
  it.each(Object.entries(ELEMENT_DOORS))('[CRD13] the identity is refused by %s', (_, door) => {
    expect(refusal(() => door(new Uint8Array(32)))).toBe('identity_element');
  });

  // Kills: scalars reduced modulo the order instead of refused, zero as a key.
  it.each(Object.entries(SCALAR_DOORS))('[CRD12] malformed scalars are refused by %s', (_, door) => {
    const codes = new Map<string, number>();
    for (let i = 0; i < 500; i++) {
      const spoil = SPOIL_SCALAR[i % SPOIL_SCALAR.length];
      const code = refusal(() => door(spoil?.(suite.generatePrimaryKey(random)) ?? info));
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect([...codes]).toEqual([['malformed_scalar', 500]]);
    expect(refusal(() => door(numberToBytesLE(ristretto255.Point.Fn.ORDER, 32)))).toBe('malformed_scalar');
    expect(refusal(() => door(new Uint8Array(32)))).toBe('zero_key');
  });

  // Kills: a size check missing on one side, or done after the work.
  it('[CRD14] batches that are empty or too large are refused, before any work', () => {
    const many = Array.from({ length: MAX_BATCH + 1 }, () => b0);
    const batches: [readonly Uint8Array[], string][] = [
      [[], 'empty_batch'],
      [many, 'batch_too_large'],
      ['ab' as never, 'invalid_input'],
    ];
    for (const [batch, code] of batches) {
      expect(refusal(() => suite.blind(batch, good.key, random))).toBe(code);
      expect(refusal(() => suite.evaluate(good.keyPair, batch, random))).toBe(code);
      expect(refusal(() => suite.finalize(good.state, batch, good.proof))).toBe(code);
    }
    const uneven = { ...good.state, blinds: good.state.blinds.slice(1) };
    expect(refusal(() => suite.finalize(uneven, good.evaluated, good.proof))).toBe('mismatched_batch');
  });

  // Kills: one element evaluated twice for the price of one check.
  it('[CRD15] an element that comes twice in a batch is refused', () => {
    expect(refusal(() => suite.evaluate(good.keyPair, [b0, b1, b0], random))).toBe('duplicate_element');
    expect(refusal(() => suite.finalize(good.state, [e0, e0], good.proof))).toBe('duplicate_element');
  });

  it('[CRD16] inputs and attributes of more than 65,535 bytes are refused', () => {
    const [most, over] = [new Uint8Array(0xffff), new Uint8Array(0x10000)];
    const doors: ((x: Uint8Array) => unknown)[] = [
      (x) => suite.blind([x], good.key, random),
      (x) => suite.blind([info], { ...good.key, attributes: x }, random),
      (x) => suite.deriveKeyPair(good.primaryKey, x),
      (x) => suite.derivePublicKey(good.primaryPublicKey, x),
      (x) => suite.evaluateInput(good.keyPair, x),
      (x) => suite.evaluateInput({ ...good.keyPair, attributes: x }, info),
    ];
    for (const door of doors) {
      expect(refusal(() => door(over))).toBe('invalid_input');
      expect(refusal(() => door(most))).toBe('accepted');
      expect(refusal(() => door('text' as never))).toBe('invalid_input');
    }
  });

  // Kills: a generator that fails open; a blind of 1 hides nothing, a nonce of 1 gives the key away.
  it('[CRD17] randomness of the wrong length, of zeros only, or that makes a zero is refused', () => {
    const order = numberToBytesLE(ristretto255.Point.Fn.ORDER, 64);
    const broken = [
      () => new Uint8Array(64),
      () => random(63),
      () => random(65),
      () => order,
      () => undefined as never,
    ];
    for (const bad of broken) {
      expect(refusal(() => suite.generatePrimaryKey(bad))).toBe('invalid_randomness');
      expect(refusal(() => suite.blind([info], good.key, bad))).toBe('invalid_randomness');
      expect(refusal(() => suite.evaluate(good.keyPair, [b0], bad))).toBe('invalid_randomness');
    }
  });

  // Kills: a message or a cause that quotes what it refuses.
  it('[CRD18] a refusal carries neither bytes nor the error of a lower library', () => {
    const spoilt = [...SPOIL_ELEMENT.map((f) => f(b0)), ...SPOIL_SCALAR.map((f) => f(good.primaryKey))];
    for (const bytes of spoilt) {
      for (const door of [...Object.values(ELEMENT_DOORS), ...Object.values(SCALAR_DOORS)]) {
        const error = thrownBy(() => door(bytes));
        const text = `${error.name} ${error.code} ${error.message} ${JSON.stringify(error)}`;
        expect(text).not.toContain(bytesToHex(bytes).slice(0, 16));
        expect(text).not.toContain(String(bytesToNumberLE(bytes)).slice(0, 16));
        expect(text).not.toContain([...bytes.subarray(0, 4)].join(','));
        expect(error.cause).toBeUndefined();
      }
    }
  });
});

function thrownBy(action: () => unknown): CredentialError {
  try {
    action();
  } catch (error) {
    if (error instanceof CredentialError) return error;
  }
  throw new Error('expected a CredentialError');
}
