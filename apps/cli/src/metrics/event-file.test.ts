import { describe, expect, it } from '@jest/globals';

import { crc32c, encodeEventFile, encodeRecord } from './event-file.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('event files', () => {
  // Known answers of RFC 3720, B.4, and the check value that catalogues of CRCs list.
  it.each([
    ['the digits', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
  ])('[MET3] their checksum is CRC-32C: %s', (_, bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc);
  });

  // Kills: a checksum that is not masked; the length in another order.
  it('[MET3] begin with the sixteen bytes by which such files are told, and the version', () => {
    const bytes = encodeEventFile(0, []);
    expect(hex(bytes.subarray(0, 13))).toBe('1800000000000000a37f4b2209');
    expect(hex(bytes.subarray(12, 36))).toBe(`09${'00'.repeat(8)}1a0d${hex(Buffer.from('brain.Event:2'))}`);
    expect(bytes).toHaveLength(8 + 4 + 24 + 4);
  });

  // Kills: a field with another number or wire type; a varint of one byte only.
  it('[MET3] have a record for each step, field by field', () => {
    const begin = encodeEventFile(0, []).length;
    const file = encodeEventFile(0, [{ wallTime: 1, step: 300, scalars: { a: 1, bc: -0.5 } }]);
    const time = '09000000000000f03f';
    const step = '10ac02';
    const [a, bc] = ['0a08' + '0a0161' + '150000803f', '0a09' + '0a026263' + '15000000bf'];
    const data = Buffer.from(`${time}${step}2a15${a}${bc}`, 'hex');
    expect(hex(file.subarray(begin))).toBe(hex(encodeRecord(data)));
  });
});
