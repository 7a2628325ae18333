import { createHash, createHmac, hkdfSync } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import { asciiToBytes, bytesToHex, concatBytes } from '@noble/curves/utils.js';

import { nobleHashes, type Hashes } from './hashes.js';
import { flipBit, refusal, seededRandom } from './testing.js';
import { deriveTokenKeys, tokenHash } from './token.js';

const nodeHashes: Hashes = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  hmacSha256: (key, bytes) => createHmac('sha256', key).update(bytes).digest(),
};
const random = seededRandom('token');
const [prf, info, t] = [random(64), random(40), random(32)];
const hex = (bytes: ArrayBufferLike | Uint8Array) => Buffer.from(bytes as ArrayBuffer).toString('hex');

describe('deriveTokenKeys', () => {
  // Kills: a changed label, salt or context; both sides of ours would agree on it.
  it.each([
    ['macKey', 'starling submit mac v1'],
    ['receiptKey', 'starling receipt mac v1'],
    ['orderKey', 'starling order v1'],
  ] as const)('[TOK2] %s is HKDF-SHA256 with "%s" ‖ SHA256(info)', (name, label) => {
    const context = Buffer.concat([Buffer.from(label), createHash('sha256').update(info).digest()]);
    const want = hex(hkdfSync('sha256', prf, Buffer.alloc(0), context, 32));
    expect(hex(deriveTokenKeys(nobleHashes, prf, info)[name])).toBe(want);
    expect(hex(deriveTokenKeys(nodeHashes, prf, info)[name])).toBe(want);
  });

  // Kills: one key for two purposes, or keys that do not depend on output or info.
  it('[TOK2] keys differ from each other, and with every bit of the output and of the info', () => {
    const keysOf = (p: Uint8Array, i: Uint8Array) =>
      Object.values(deriveTokenKeys(nodeHashes, p, i)).map((key) => bytesToHex(Uint8Array.from(key as Uint8Array)));
    const all = [
      ...keysOf(prf, info),
      ...Array.from({ length: 512 }, (_, bit) => keysOf(flipBit(prf, bit), info)).flat(),
      ...Array.from({ length: 320 }, (_, bit) => keysOf(prf, flipBit(info, bit))).flat(),
      ...keysOf(prf, info.slice(1)),
    ];
    expect(new Set(all).size).toBe(3 * (1 + 512 + 320 + 1));
  });

  it.each([0, 32, 63, 65])('[TOK4] an output of %i bytes is refused', (length) => {
    expect(refusal(() => deriveTokenKeys(nobleHashes, new Uint8Array(length), info))).toBe('invalid_input');
  });
});

describe('tokenHash', () => {
  it('[TOK3] is SHA-256("starling-token-v1" ‖ LP(info) ‖ t)', () => {
    const bytes = concatBytes(asciiToBytes('starling-token-v1'), Uint8Array.of(0, 40), info, t);
    const want = createHash('sha256').update(bytes).digest('hex');
    expect(hex(tokenHash(nobleHashes, info, t))).toBe(want);
    expect(hex(tokenHash(nodeHashes, info, t))).toBe(want);
  });

  // Kills: info and token joined without a length.
  it('[TOK3] tells apart a byte more of info from a byte more of token', () => {
    const hashes = [0, 1, 2, 3].map((n) => hex(tokenHash(nobleHashes, new Uint8Array(n), new Uint8Array(32))));
    expect(new Set(hashes).size).toBe(4);
  });

  it.each([0, 31, 33])('[TOK4] a token of %i bytes is refused', (length) => {
    expect(refusal(() => tokenHash(nobleHashes, info, new Uint8Array(length)))).toBe('invalid_input');
  });

  it('[TOK4] info of more than 65,535 bytes is refused', () => {
    const long = new Uint8Array(0x10000);
    expect(refusal(() => tokenHash(nobleHashes, long, t))).toBe('invalid_input');
    expect(refusal(() => deriveTokenKeys(nobleHashes, prf, long))).toBe('invalid_input');
  });
});
