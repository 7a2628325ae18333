import { describe, expect, it } from '@jest/globals';
import { asciiToBytes, bytesToHex } from '@noble/curves/utils.js';

import { groupOf } from '../testing/schemes.js';
import { refusal, seededRandom } from '../testing.js';
import { encodeAttributes } from './attributes.js';
import { KDF_NAMES, kdfOf } from './kdfs.js';

const list = (...texts: string[]) => texts.map((text) => asciiToBytes(text));
const encoded = (...texts: string[]) => bytesToHex(encodeAttributes(list(...texts)));

describe('encodeAttributes', () => {
  it('[ACS9] is u16(count) ‖ LP(attribute) for each', () => {
    expect(encoded()).toBe('0000');
    expect(encoded('')).toBe('00010000');
    expect(encoded('ab', 'c')).toBe('00020002616200' + '0163');
  });

  // Edge 3. Kills: lengths or the count left out, which makes one key of several lists.
  it('[ACS9] tells lists apart whose texts run into each other', () => {
    const lists = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['a', 'b', 'c'], [], [''], ['', '']];
    expect(new Set(lists.map((texts) => encoded(...texts))).size).toBe(lists.length);
  });

  // Edge 3. Kills: a length in one byte, or a separator that an attribute may contain.
  it('[ACS9] tells every two lists apart that cut one text in different places', () => {
    const random = seededRandom('cuts');
    const text = [...random(300)];
    const seen = new Map<string, string>();
    for (let i = 0; i < 2000; i++) {
      const [a, b] = [...random(2)].map((byte, at) => (byte * (at + 1)) % 301).sort((x, y) => x - y) as [
        number,
        number,
      ];
      const cuts = [text.slice(0, a), text.slice(a, b), text.slice(b)].map((part) => Uint8Array.from(part));
      const key = bytesToHex(encodeAttributes(cuts));
      expect(seen.get(key) ?? `${a},${b}`).toBe(`${a},${b}`);
      seen.set(key, `${a},${b}`);
    }
    expect(seen.size).toBeGreaterThan(1000);
  });

  it('[ACS9] takes at most 65,535 bytes in all', () => {
    expect(refusal(() => encodeAttributes([new Uint8Array(65_531)]))).toBe('accepted');
    expect(refusal(() => encodeAttributes([new Uint8Array(65_532)]))).toBe('invalid_input');
    expect(refusal(() => encodeAttributes(['text'] as never))).toBe('invalid_input');
    expect(refusal(() => encodeAttributes('text' as never))).toBe('invalid_input');
  });

  // Edge 3: why it is needed. Kills: a KDF that is no longer the C library's, or an encoding that does not help.
  it.each(KDF_NAMES)('[ACS9] keeps %s from making one key of two lists', (name) => {
    const kdf = kdfOf(name, groupOf('ristretto255'));
    const primaryKey = kdf.generatePrimaryKey(seededRandom(name));
    const key = (attributes: readonly Uint8Array[]) => bytesToHex(kdf.deriveSecret(primaryKey, attributes));
    const [a, b] = [list('ab', 'c'), list('a', 'bc')];
    expect(key(a) === key(b)).toBe(name !== 'hmac');
    expect(key([encodeAttributes(a)])).not.toBe(key([encodeAttributes(b)]));
  });
});
