import { expect, it } from '@jest/globals';

import {
  decodeHeader,
  decodeManifest,
  decodePermit,
  decodeRoundRecord,
  encodeHeader,
  encodeManifest,
  encodePermit,
  encodeRoundRecord,
  ProtocolError,
} from '#protocol';

import { Random } from '../../apps/fleet/src/data/random.js';
import { HEADER, MANIFEST, PERMIT, RECORD } from '../../libs/protocol/src/wire-samples.js';
import { SEED } from '../soak/seed.js';

import { mutateBytes } from './mutate.js';

const TIMES = 20_000;

/** What came of decoding: refused in order, the same bytes again, or what else. */
function outcomeOf(again: (bytes: Uint8Array) => Uint8Array, bytes: Buffer): string {
  try {
    return Buffer.from(again(bytes)).equals(bytes) ? 'as it is' : `other bytes: ${bytes.toString('hex')}`;
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'malformed_message') return 'refused';
    return `broken: ${bytes.toString('hex')}`;
  }
}

// Kills: an error of Node's instead of a refusal; a decoder that takes what it would not write.
it.each([
  ['header', encodeHeader(HEADER), (bytes: Uint8Array) => encodeHeader(decodeHeader(bytes))],
  ['permit', encodePermit(PERMIT), (bytes: Uint8Array) => encodePermit(decodePermit(bytes))],
  ['round record', encodeRoundRecord(RECORD), (bytes: Uint8Array) => encodeRoundRecord(decodeRoundRecord(bytes))],
  ['manifest', encodeManifest(MANIFEST), (bytes: Uint8Array) => encodeManifest(decodeManifest(bytes))],
] as const)('[FUZ2] a spoilt %s is refused, or is another one that is written just so', (name, bytes, again) => {
  const random = new Random(SEED, 'codec', name);
  const outcomes = new Set<string>();
  for (let i = 0; i < TIMES; i++) outcomes.add(outcomeOf(again, mutateBytes(random, bytes)));
  expect([SEED, ...outcomes].filter((outcome) => !['refused', 'as it is'].includes(`${outcome}`))).toEqual([SEED]);
  expect(outcomes).toContain('refused');
});
