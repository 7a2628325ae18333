import { describe, expect, it, test } from '@jest/globals';

import {
  asciiBytes,
  batchKeyMessage,
  concatBytes,
  decodeHeader,
  decodeInfo,
  decodeManifest,
  decodePermit,
  decodeRoundRecord,
  encodeHeader,
  encodeInfo,
  encodeManifest,
  encodePermit,
  encodingOfManifest,
  ENCODING,
  encodeRoundRecord,
  enrolmentMessage,
  issuanceMessage,
  keyAt,
  payloadLength,
  permitMessage,
  receiptMessage,
  tokenRequestBytes,
} from './index.js';
import { HEADER, INFO, MANIFEST, PERMIT, RECORD } from './wire-samples.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const ascii = (text: string): string => Buffer.from(text).toString('hex');
const repeat = (byte: string, times: number): string => byte.repeat(times);

/** Every field of every message, in order, beside what it is. Changing one byte here is changing the protocol. */
const INFO_HEX = [
  ascii('starling-info-v1'),
  '0006' + ascii('digits'),
  '001a' + ascii('poprf-ristretto255-sha512-'),
  '00000102', // epoch 258
  '0007', // slot 7
].join('');

const RECORD_HEX = [
  ascii('starling-round-v1'),
  '003a' + INFO_HEX,
  '01', // second use of the slot
  repeat('01', 16), // round id
  repeat('02', 32), // model digest
  repeat('03', 32), // manifest digest
  '000003e8', // W 1000 ms
  '00093a80', // deadline 605 s
  '00000028', // min 40
  '0000002f', // target 47
  '00000032', // issued 50
].join('');

const HEADER_HEX = [
  ascii('starling-submit-v1'),
  '000e' + ascii('starling.local'),
  '003a' + INFO_HEX,
  repeat('04', 32), // token
  '00', // use number
  repeat('05', 32), // record digest
  '00', // plain
  '01', // int32
  '02', // weight level
  '000186a0', // payload length 100000
  repeat('06', 32), // payload digest
  '0000', // no sealed seed
].join('');

const MANIFEST_HEX = [
  ascii('starling-manifest-v1'),
  '000e' + ascii('starling.local'),
  '0006' + ascii('digits'),
  '00000001', // version
  '0019' + ascii('poprf-ristretto255-sha512'),
  '02', // keys
  '0020' + repeat('07', 32) + '00000000', // from epoch 0
  '0020' + repeat('0b', 32) + '00000102', // from epoch 258
  repeat('0c', 32), // log key
  '0000018bcfe56800', // epoch origin 1,700,000,000,000 ms
  '00000e10', // epoch of 3600 s
  '0040', // 64 slots
  '0010', // batch of 16
  '0020', // quota of 32
  '02', // two uses a token
  '00000028', // k_min 40
  '000003e8', // W
  '01', // int32
  '00010000', // scale 2^16
  '0000000000989680', // clip 10,000,000 millionths
  '0011', // strategy, 17 bytes
  '7b226e616d65223a22466564417667227d', // {"name":"FedAvg"}
  '02' + '0001' + '0008', // weights 1 and 8
  '00040000', // chunks of 256 kB
  '0000ea60', // upload within 60 s
  repeat('0d', 32), // initial model
  repeat('08', 32), // topology digest
  '0002', // tensors
  '0001' + ascii('w') + '02' + '00000003' + '00000005',
  '0001' + ascii('b') + '01' + '00000005',
].join('');

describe('canonical bytes', () => {
  test.each([
    ['info', encodeInfo(INFO), INFO_HEX],
    ['round record', encodeRoundRecord(RECORD), RECORD_HEX],
    ['header', encodeHeader(HEADER), HEADER_HEX],
    ['manifest', encodeManifest(MANIFEST), MANIFEST_HEX],
    ['permit', encodePermit(PERMIT), repeat('09', 16) + '0000018bcfe56800' + repeat('0a', 32)],
    [
      'permit message',
      permitMessage(new Uint8Array(32).fill(1), PERMIT.uploadId, 1),
      ascii('starling-permit-v1') + repeat('01', 32) + repeat('09', 16) + '0000000000000001',
    ],
    ['receipt message', receiptMessage(new Uint8Array(32).fill(1)), ascii('accepted') + repeat('01', 32)],
    [
      'enrolment',
      enrolmentMessage('a', 'u', 'code', new Uint8Array(32).fill(2)),
      ascii('starling-enrol-v1') +
        '0001' +
        ascii('a') +
        '0001' +
        ascii('u') +
        '0004' +
        ascii('code') +
        '0020' +
        repeat('02', 32),
    ],
    [
      'token request',
      tokenRequestBytes({ epoch: 3, slots: [1, 4], blinded: [new Uint8Array([5]), new Uint8Array([6, 7])] }),
      '00000003' + '0002' + '0001' + '000105' + '0004' + '00020607',
    ],
    [
      'issuance',
      issuanceMessage({
        audience: 'a',
        deviceId: 'd',
        useCase: 'u',
        timestamp: 255,
        nonce: new Uint8Array(16).fill(3),
        requestDigest: new Uint8Array(32).fill(4),
      }),
      ascii('starling-issue-v1') +
        '0001' +
        ascii('a') +
        '0001' +
        ascii('d') +
        '0001' +
        ascii('u') +
        '00000000000000ff' +
        repeat('03', 16) +
        repeat('04', 32),
    ],
    [
      'batch key',
      batchKeyMessage('d', 'u', new Uint8Array([9])),
      ascii('starling-batch-v1') + '0001' + ascii('d') + '0001' + ascii('u') + '09',
    ],
  ])('[WIR1] %s is exactly these bytes', (_name, bytes, expected) => {
    expect(hex(bytes)).toBe(expected);
  });

  test.each([
    ['info', () => encodeInfo(decodeInfo(encodeInfo(INFO))), INFO_HEX],
    ['round record', () => encodeRoundRecord(decodeRoundRecord(encodeRoundRecord(RECORD))), RECORD_HEX],
    ['header', () => encodeHeader(decodeHeader(encodeHeader(HEADER))), HEADER_HEX],
    ['manifest', () => encodeManifest(decodeManifest(encodeManifest(MANIFEST))), MANIFEST_HEX],
    ['permit', () => encodePermit(decodePermit(encodePermit(PERMIT))), hex(encodePermit(PERMIT))],
  ])('[WIR2] %s survives decoding and encoding', (_name, again, expected) => {
    expect(hex(again())).toBe(expected);
  });

  /** Kills: a decoder that ignores what follows, or fills in what is missing. */
  test.each([
    ['info', decodeInfo, encodeInfo(INFO)],
    ['round record', decodeRoundRecord, encodeRoundRecord(RECORD)],
    ['header', decodeHeader, encodeHeader(HEADER)],
    ['manifest', decodeManifest, encodeManifest(MANIFEST)],
    ['permit', decodePermit, encodePermit(PERMIT)],
  ] as const)('[WIR3] %s is refused when cut anywhere, or longer by a byte', (_name, decode, bytes) => {
    const refused = expect.objectContaining({ code: 'malformed_message' });
    for (let length = 0; length < bytes.length; length++)
      expect(() => decode(bytes.subarray(0, length))).toThrow(refused);
    expect(() => decode(concatBytes(bytes, new Uint8Array(1)))).toThrow(refused);
  });

  /** Kills: any decoder that accepts two encodings of one message. */
  it('[WIR4] a changed header is refused, or decodes to something that encodes to the changed bytes', () => {
    const bytes = encodeHeader(HEADER);
    for (let i = 0; i < bytes.length; i++) {
      for (const flip of [1, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[i]! ^= flip;
        let decoded;
        try {
          decoded = decodeHeader(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed_message' });
          continue;
        }
        expect(hex(encodeHeader(decoded))).toBe(hex(changed));
      }
    }
  });

  /** Kills: attributes hashed by plain concatenation, as ACS does it. */
  it('[TOK5] infos of different attributes differ, also where their texts run into each other', () => {
    const seen = new Map<string, string>();
    const texts = ['a', 'ab', 'abc', 'b', 'bc', 'c', ''];
    for (const useCase of texts) {
      for (const suite of texts) {
        for (const [epoch, slot] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [256, 1],
          [1, 256],
        ] as const) {
          const key = hex(encodeInfo({ useCase, suite, epoch, slot }));
          const name = `${useCase}|${suite}|${epoch}|${slot}`;
          expect(seen.get(key)).toBeUndefined();
          seen.set(key, name);
        }
      }
    }
  });

  test.each([
    ['a non-ASCII letter', () => asciiBytes('dígits')],
    ['a letter whose code is a printable one mod 256', () => asciiBytes('\u0141')],
    ['an emoji', () => asciiBytes('🐦')],
    ['a control character', () => asciiBytes('a\nb')],
    ['a negative epoch', () => encodeInfo({ ...INFO, epoch: -1 })],
    ['a slot above 65,535', () => encodeInfo({ ...INFO, slot: 65_536 })],
    ['a fractional epoch', () => encodeInfo({ ...INFO, epoch: 0.5 })],
    ['a token of 31 bytes', () => encodeHeader({ ...HEADER, token: new Uint8Array(31) })],
    ['a text above 65,535 bytes', () => encodeInfo({ ...INFO, useCase: 'a'.repeat(65_536) })],
  ])('[WIR5] refuses to write %s', (_name, write) => {
    expect(write).toThrow(expect.objectContaining({ code: 'malformed_message' }));
  });
});

describe('a round that measures', () => {
  const MEASURING = { ...RECORD, evaluation: { lossBound: 2.5 } };

  // Kills: a byte in the record of a round that trains, which devices of before could not read; a bound that is not signed.
  it('[EVL5] has a record that goes on with one byte and its loss bound; one that trains has the bytes of before', () => {
    const bytes = encodeRoundRecord(MEASURING);
    expect(hex(bytes)).toBe(`${RECORD_HEX}02${'000009c4'}`);
    expect(decodeRoundRecord(bytes)).toEqual(MEASURING);
    expect(decodeRoundRecord(encodeRoundRecord(RECORD))).not.toHaveProperty('evaluation');
  });

  // Kills: a purpose that this device does not know taken for training.
  it.each([
    ['with another field', '03000009c4'],
    ['without its bound', '02'],
    ['with half of it', '0200'],
    ['with a bound of nothing', '0200000000'],
    ['with a bound above a million', '02ffffffff'],
    ['with more behind it', '02000009c400'],
    ['with the field twice', '02000009c402000009c4'],
  ])('[EVL5] a record %s is refused', (_what, end) => {
    const bytes = new Uint8Array(Buffer.from(RECORD_HEX + end, 'hex'));
    expect(() => decodeRoundRecord(bytes)).toThrow(expect.objectContaining({ code: 'malformed_message' }));
  });

  it.each([0, 0.0004, -1, NaN, 1e6 + 1])('[EVL5] a loss bound of %d cannot be written', (lossBound) => {
    const write = () => encodeRoundRecord({ ...RECORD, evaluation: { lossBound } });
    expect(write).toThrow(expect.objectContaining({ code: 'malformed_message' }));
  });
});

describe('manifest', () => {
  test.each([
    ['no key', { keys: [] }],
    ['seventeen keys', { keys: Array.from({ length: 17 }, (_, firstEpoch) => ({ ...MANIFEST.keys[0]!, firstEpoch })) }],
    ['two keys of one epoch', { keys: [MANIFEST.keys[1]!, MANIFEST.keys[1]!] }],
    ['keys out of order', { keys: [...MANIFEST.keys].reverse() }],
    ['tokens of no use', { reuse: 0 }],
    ['tokens of 65 uses', { reuse: 65 }],
    ['no weight level', { weightLevels: [] }],
    ['nine weight levels', { weightLevels: [1, 2, 3, 4, 5, 6, 7, 8, 9] }],
    ['a weight of zero', { weightLevels: [0] }],
    ['a batch larger than the slots', { batch: 65 }],
    ['a quota larger than the slots', { quota: 65 }],
    ['an epoch of no length', { epochSeconds: 0 }],
    ['an anonymity set of nobody', { kMin: 0 }],
    ['a clip of zero', { clipMicros: 0 }],
    ['a grid beyond int16', { encoding: ENCODING.int16, scale: 3277 }],
    ['a grid beyond int8', { encoding: ENCODING.int8, scale: 13 }],
    ['an encoding that there is not', { encoding: 5 }],
    ['the largest of none', { encoding: ENCODING.topK, scale: 1 }],
    ['the largest zero', { encoding: ENCODING.topK, topK: 0, scale: 1 }],
    ['the largest of more than there are', { encoding: ENCODING.topK, topK: 21, scale: 1 }],
    ['a k where all numbers travel', { topK: 5 }],
    ['a grid beyond int32', { clipMicros: 1e6 * 2 ** 16, scale: 2 ** 16 }],
    ['chunks that cut a number', { chunkBytes: 2050 }],
    ['no parameters', { layout: [] }],
    ['more parameters than fit', { layout: [{ name: 'w', shape: [65_536, 65_536] }] }],
    [
      'two tensors of one name',
      {
        layout: [
          { name: 'w', shape: [1] },
          { name: 'w', shape: [1] },
        ],
      },
    ],
  ])('[MAN1] refuses %s', (_name, change) => {
    expect(() => encodeManifest({ ...MANIFEST, ...change })).toThrow(
      expect.objectContaining({ code: 'malformed_message' }),
    );
  });

  /** Kills: a k that is not signed, or that int32's manifests have room for: their bytes are what they were. */
  it('[MAN3] the k of topK is its last four bytes, and no other encoding has any', () => {
    for (const encoding of [ENCODING.int16, ENCODING.int8]) {
      const bytes = encodeManifest({ ...MANIFEST, encoding, scale: 12 });
      expect(bytes).toHaveLength(MANIFEST_HEX.length / 2);
      expect(decodeManifest(bytes)).not.toHaveProperty('topK');
    }
    const sparse = { ...MANIFEST, encoding: ENCODING.topK, topK: 7, scale: 12 };
    expect(hex(encodeManifest(sparse)).slice(MANIFEST_HEX.length)).toBe('00000007');
    expect(encodingOfManifest(decodeManifest(encodeManifest(sparse)))).toEqual({ topK: 7 });
  });

  it.each<[string, number, number | undefined]>([
    ['int32', 80, undefined],
    ['int16', 40, undefined],
    ['int8', 20, undefined],
    ['topK', 42, 7],
  ] as const)('[LRN43] a payload in %s has %i bytes of 20 numbers', (name, bytes, topK) => {
    const encoding = ENCODING[name as keyof typeof ENCODING];
    const manifest = { ...MANIFEST, encoding, ...(topK === undefined ? {} : { topK }) };
    expect(payloadLength(manifest)).toBe(bytes);
  });

  /** Kills: the newest key for every epoch, which would void the tokens of the one before. */
  it('[MAN2] an epoch has the last key that begins no later', () => {
    const of = (epoch: number) => keyAt(MANIFEST, epoch)?.publicKey[0];
    expect([0, 257, 258, 2 ** 32 - 1].map(of)).toEqual([7, 7, 11, 11]);
    expect(keyAt({ keys: MANIFEST.keys.slice(1) }, 257)).toBeUndefined();
  });
});
