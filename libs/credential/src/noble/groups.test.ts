import { describe, expect, it } from '@jest/globals';
import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve.js';
import { ristretto255_hasher } from '@noble/curves/ed25519.js';
import { p256_hasher } from '@noble/curves/nist.js';
import { asciiToBytes, bytesToHex } from '@noble/curves/utils.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';

import { expandMessageXmd } from '../oprf/expand-message.js';
import { seededRandom } from '../testing.js';
import { nobleP256 } from './p256.js';
import { nobleRistretto255 } from './ristretto255.js';

const random = seededRandom('groups');

/** RFC 9380 Appendix K.1 and K.3, the first of each. */
const EXPANDED = [
  {
    group: nobleP256,
    hash: sha256,
    dst: 'QUUX-V01-CS02-with-expander-SHA256-128',
    uniform: '68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235',
  },
  {
    group: nobleRistretto255,
    hash: sha512,
    dst: 'QUUX-V01-CS02-with-expander-SHA512-256',
    uniform: '6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba',
  },
];

describe.each(EXPANDED)('expand_message_xmd with the hash of $group.name', ({ group, hash, dst, uniform }) => {
  it('[CRD22] is RFC 9380’s', () => {
    expect(bytesToHex(expandMessageXmd(group, asciiToBytes(dst))(new Uint8Array(0), 32))).toBe(uniform);
  });

  // Kills: a length, a counter or the tag left out of a block.
  it('[CRD22] equals an independent implementation at every length', () => {
    for (const length of [1, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128, 129, 255 * group.hashLength]) {
      const [message, tag] = [random(length % 200), random(1 + (length % 255))];
      expect(expandMessageXmd(group, tag)(message, length)).toEqual(expand_message_xmd(message, tag, length, hash));
    }
    expect(() => expandMessageXmd(group, asciiToBytes(dst))(uniformBytes, 255 * group.hashLength + 1)).toThrow(
      RangeError,
    );
    expect(() => expandMessageXmd(group, new Uint8Array(256))).toThrow(RangeError);
  });
});

const uniformBytes = random(32);

describe('hashing to a group', () => {
  // Kills: halves swapped, or another map (x and y of RFC 9380 J.1.1, the empty message).
  it('[CRD22] is RFC 9380’s P256_XMD:SHA-256_SSWU_RO_', () => {
    const expand = expandMessageXmd(nobleP256, asciiToBytes('QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_RO_'));
    const { x, y } = nobleP256.elementFromUniform(expand(new Uint8Array(0), 96)).toAffine();
    expect(x).toBe(0x2c15230b26dbc6fc9a37051158c95b79656e17a1a920b11394ca91c44247d3e4n);
    expect(y).toBe(0x8a7a74985cc5c776cdfe4b1f19884970453912e9d31528c060be9ab5c43e8415n);
  });

  it('[CRD22] equals an independent implementation on random messages', () => {
    for (let i = 0; i < 50; i++) {
      const [message, DST] = [random(i), random(40)];
      const onP256 = nobleP256.elementFromUniform(expandMessageXmd(nobleP256, DST)(message, 96));
      expect(onP256.equals(p256_hasher.hashToCurve(message, { DST }))).toBe(true);
      const onRistretto = nobleRistretto255.elementFromUniform(expandMessageXmd(nobleRistretto255, DST)(message, 64));
      expect(onRistretto.equals(ristretto255_hasher.hashToCurve(message, { DST }))).toBe(true);
    }
  });
});
