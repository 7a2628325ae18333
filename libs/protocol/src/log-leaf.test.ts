import { describe, expect, it, test } from '@jest/globals';

import {
  concatBytes,
  cosignatureMessage,
  decodeEntries,
  decodeLogLeaf,
  derivedKeyList,
  encodeEntries,
  encodeLogLeaf,
  encodeRoundRecord,
  subjectOf,
  treeHeadMessage,
  type LogLeaf,
} from './index.js';
import { RECORD } from './wire-samples.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const ascii = (text: string): string => Buffer.from(text).toString('hex');
const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
const record = encodeRoundRecord(RECORD);
const PREFIX = ascii('starling-leaf-v1');
const DIGITS = '0006' + ascii('digits');
const RESULT = {
  kind: 'result',
  recordDigest: filled(32, 1),
  acceptedRoot: filled(32, 2),
  accepted: 47,
  aggregateDigest: filled(32, 3),
  modelOut: filled(32, 4),
} as const;
const RESULT_HEX = `05${'01'.repeat(32)}${'02'.repeat(32)}0000002f${'03'.repeat(32)}${'04'.repeat(32)}`;

const EVALUATION = {
  kind: 'evaluation',
  recordDigest: filled(32, 1),
  acceptedRoot: filled(32, 2),
  accepted: 47,
  lossSum: 1504,
  accuracySum: 43_000,
} as const;
const EVALUATION_HEX = `0a${'01'.repeat(32)}${'02'.repeat(32)}0000002f00000000000005e0000000000000a7f8`;

/** Each kind of leaf, its bytes after the prefix, and what it is the only one about. */
const LEAVES: readonly { leaf: LogLeaf; bytes: string; subject: string }[] = [
  {
    leaf: { kind: 'key', useCase: 'digits', suite: 's', keyDigest: filled(32, 5), firstEpoch: 258 },
    bytes: `01${DIGITS}0001${ascii('s')}${'05'.repeat(32)}00000102`,
    subject: 'key digits from 258',
  },
  {
    leaf: { kind: 'manifest', useCase: 'digits', version: 2, digest: filled(32, 6), signature: filled(64, 7) },
    bytes: `02${DIGITS}00000002${'06'.repeat(32)}${'07'.repeat(64)}`,
    subject: 'manifest digits 2',
  },
  {
    leaf: { kind: 'derived_keys', useCase: 'digits', epoch: 3, digest: filled(32, 8) },
    bytes: `03${DIGITS}00000003${'08'.repeat(32)}`,
    subject: 'derived keys digits 3',
  },
  {
    leaf: { kind: 'round', record },
    bytes: `04${record.length.toString(16).padStart(4, '0')}${hex(record)}`,
    subject: 'round digits 258/7/1',
  },
  {
    leaf: { ...RESULT, epsilonMicros: null },
    bytes: RESULT_HEX + 'ff'.repeat(8),
    subject: `end ${'01'.repeat(32)}`,
  },
  {
    leaf: { ...RESULT, epsilonMicros: 1_500_000 },
    bytes: `${RESULT_HEX}000000000016e360`,
    subject: `end ${'01'.repeat(32)}`,
  },
  {
    leaf: { kind: 'abandonment', recordDigest: filled(32, 1), reason: 'missed' },
    bytes: `06${'01'.repeat(32)}04`,
    subject: `end ${'01'.repeat(32)}`,
  },
  {
    leaf: { kind: 'key_retirement', useCase: 'digits', keyDigest: filled(32, 5), lastEpoch: 9 },
    bytes: `07${DIGITS}${'05'.repeat(32)}00000009`,
    subject: `key retirement digits ${'05'.repeat(32)}`,
  },
  {
    leaf: { kind: 'epoch_retirement', useCase: 'digits', through: 9 },
    bytes: `08${DIGITS}00000009`,
    subject: 'epoch retirement digits 9',
  },
  {
    leaf: { kind: 'restart', useCase: 'digits', roundId: filled(16, 3), modelDigest: filled(32, 4) },
    bytes: `09${DIGITS}${'03'.repeat(16)}${'04'.repeat(32)}`,
    subject: `restart digits ${'03'.repeat(16)}`,
  },
  {
    leaf: { ...EVALUATION, epsilonMicros: null },
    bytes: EVALUATION_HEX + 'ff'.repeat(8),
    subject: `end ${'01'.repeat(32)}`,
  },
  {
    leaf: { ...EVALUATION, epsilonMicros: 1_500_000 },
    bytes: `${EVALUATION_HEX}000000000016e360`,
    subject: `end ${'01'.repeat(32)}`,
  },
];
const named = LEAVES.map((row) => ({ kind: row.leaf.kind, ...row }));

describe('leaves of the log', () => {
  test.each(named)('[WIR1] $kind is exactly these bytes', ({ leaf, bytes }) => {
    expect(hex(encodeLogLeaf(leaf))).toBe(PREFIX + bytes);
  });

  test.each(named)('[WIR2] $kind survives decoding and encoding', ({ leaf }) => {
    expect(hex(encodeLogLeaf(decodeLogLeaf(encodeLogLeaf(leaf))))).toBe(hex(encodeLogLeaf(leaf)));
  });

  // Kills: a decoder that ignores what follows, or fills in what is missing.
  test.each(named)('[WIR3] $kind is refused when cut anywhere, or longer by a byte', ({ leaf }) => {
    const bytes = encodeLogLeaf(leaf);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeLogLeaf(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'malformed_message' }),
      );
    }
    expect(() => decodeLogLeaf(concatBytes(bytes, new Uint8Array(1)))).toThrow('too many');
  });

  it('[WIR3] a kind, a reason or a record that does not exist is refused', () => {
    const abandonment = encodeLogLeaf(LEAVES[6]!.leaf);
    const changed = (at: number, byte: number) => abandonment.map((was, i) => (i === at ? byte : was));
    expect(() => decodeLogLeaf(changed(16, 0))).toThrow('no known kind');
    expect(() => decodeLogLeaf(changed(16, 11))).toThrow('no known kind');
    expect(() => decodeLogLeaf(changed(abandonment.length - 1, 5))).toThrow('no reason');
    expect(() => encodeLogLeaf({ kind: 'round', record: filled(20, 1) })).toThrow('not a round record');
  });

  // Kills: a round and its slot kept apart by anything a coordinator is free to choose, such as the round's id.
  test.each(named)('[LOG5] $kind is the only one about its subject', ({ leaf, subject }) => {
    expect(subjectOf(leaf)).toBe(subject);
  });

  it('[LOG5] two records of one slot and use have one subject, whatever else differs', () => {
    const other = encodeRoundRecord({ ...RECORD, roundId: filled(16, 9), modelDigest: filled(32, 9), issued: 1 });
    expect(subjectOf({ kind: 'round', record: other })).toBe(subjectOf({ kind: 'round', record }));
    const nextUse = encodeRoundRecord({ ...RECORD, useNo: RECORD.useNo + 1 });
    expect(subjectOf({ kind: 'round', record: nextUse })).not.toBe(subjectOf({ kind: 'round', record }));
  });
});

describe('what is signed and hashed about the log', () => {
  const head = { size: 258, root: filled(32, 1), timestamp: 1_700_000_000_000 };
  const fields = `0001${ascii('a')}0000000000000102${'01'.repeat(32)}0000018bcfe56800`;

  it('[WIR1] a tree head and its cosignature differ in their prefix alone', () => {
    expect(hex(treeHeadMessage('a', head))).toBe(ascii('starling-tree-head-v1') + fields);
    expect(hex(cosignatureMessage('a', head))).toBe(ascii('starling-cosignature-v1') + fields);
  });

  it('[WIR1] a list of derived keys and the entries of a tile are exactly these bytes', () => {
    expect(hex(derivedKeyList([filled(2, 1), filled(1, 2)]))).toBe(
      `${ascii('starling-derived-keys-v1')}0002000201010001` + '02',
    );
    expect(hex(encodeEntries([filled(2, 1), filled(1, 2)]))).toBe('0002010100' + '0102');
  });

  it('[WIR3] entries that end in the middle of a leaf are refused', () => {
    const bytes = encodeEntries([filled(2, 1), filled(1, 2)]);
    expect(decodeEntries(bytes).map(hex)).toEqual(['0101', '02']);
    expect(() => decodeEntries(bytes.subarray(0, -1))).toThrow('message ends');
  });
});
