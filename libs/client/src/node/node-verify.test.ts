import { describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';

import { isSigned } from '../signature.js';
import { nodeVerify } from './node-verify.js';

const secret = Uint8Array.from({ length: 32 }, (_, i) => i);
const key = ed25519.getPublicKey(secret);
const message = new TextEncoder().encode('a tree head');
const signature = ed25519.sign(message, secret);

/** What both say; they must agree. */
function verdict(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  const node = isSigned(signature, message, key, nodeVerify);
  expect(node).toBe(isSigned(signature, message, key));
  return node;
}

const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
};

describe('signatures as Node checks them', () => {
  it('[DEV31] are those that the library for browsers checks', () => {
    expect(verdict(signature, message, key)).toBe(true);
    expect(verdict(signature, new Uint8Array(0), key)).toBe(false);
    expect(verdict(ed25519.sign(new Uint8Array(0), secret), new Uint8Array(0), key)).toBe(true);
  });

  // Kills: a result that is not looked at; a second encoding of a signature; a key of another length that is cut.
  it('[DEV31] fail with any bit turned, with the order added, and at any other length, without an exception', () => {
    for (let bit = 0; bit < 512; bit += 7) expect(verdict(flip(signature, bit), message, key)).toBe(false);
    for (let bit = 0; bit < 256; bit += 17) expect(verdict(signature, message, flip(key, bit))).toBe(false);
    const s = bytesToNumberLE(signature.subarray(32)) + ed25519.Point.Fn.ORDER;
    const second = Uint8Array.from([...signature.subarray(0, 32), ...numberToBytesLE(s, 32)]);
    expect(verdict(second, message, key)).toBe(false);
    for (const length of [0, 63, 65]) expect(verdict(new Uint8Array(length).fill(1), message, key)).toBe(false);
    for (const length of [0, 31, 33]) expect(verdict(signature, message, new Uint8Array(length).fill(9))).toBe(false);
  });
});
