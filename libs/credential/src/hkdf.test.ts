import { createHash, createHmac } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js';

import { nobleHashes, type Hashes } from './hashes.js';
import { hkdfExpand, hkdfExtract } from './hkdf.js';
import { refusal } from './testing.js';

const nodeHashes: Hashes = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  hmacSha256: (key, bytes) => createHmac('sha256', key).update(bytes).digest(),
};

/** `00 01 02 …` from `first` on. */
const counting = (first: number, length: number) => Uint8Array.from({ length }, (_, i) => first + i);

/** RFC 5869 Appendix A, the cases with SHA-256. */
const VECTORS = [
  {
    name: 'A.1 basic',
    ikm: new Uint8Array(22).fill(0x0b),
    salt: counting(0x00, 13),
    info: counting(0xf0, 10),
    prk: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    name: 'A.2 long inputs',
    ikm: counting(0x00, 80),
    salt: counting(0x60, 80),
    info: counting(0xb0, 80),
    prk: '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
    okm: 'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  },
  {
    name: 'A.3 no salt, no info',
    ikm: new Uint8Array(22).fill(0x0b),
    salt: new Uint8Array(0),
    info: new Uint8Array(0),
    prk: '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
    okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
];

describe.each([
  ['noble', nobleHashes],
  ['node:crypto', nodeHashes],
])('HKDF-SHA256 on %s', (_, hashes) => {
  it.each(VECTORS)('[TOK1] is RFC 5869, $name', ({ ikm, salt, info, prk, okm }) => {
    const key = hkdfExtract(hashes, salt, ikm);
    expect(bytesToHex(Uint8Array.from(key))).toBe(prk);
    expect(bytesToHex(hkdfExpand(hashes, key, info, okm.length / 2))).toBe(okm);
  });

  it('[TOK1] gives 1 to 8160 bytes, longer ones beginning like shorter ones', () => {
    const prk = hexToBytes(VECTORS[0]?.prk ?? '');
    const longest = hkdfExpand(hashes, prk, prk, 8160);
    for (const length of [1, 31, 32, 33, 64, 65]) {
      expect(hkdfExpand(hashes, prk, prk, length)).toEqual(longest.slice(0, length));
    }
    for (const length of [0, -1, 1.5, 8161, Number.NaN]) {
      expect(refusal(() => hkdfExpand(hashes, prk, prk, length))).toBe('invalid_input');
    }
  });
});
