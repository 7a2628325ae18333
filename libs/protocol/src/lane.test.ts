import { describe, expect, it } from '@jest/globals';

import { decodeManifest, encodeManifest, isInLane, laneMessage, laneOf, separationOf } from './index.js';
import { MANIFEST } from './wire-samples.js';

const hexOf = (text: string): string => Buffer.from(text).toString('hex');
const separated = (separation: unknown): string => JSON.stringify({ name: 'FedAvg', privacy: { separation } });
const LANES = { ...MANIFEST, batch: 1, slots: 12, quota: 3, reuse: 1, strategy: separated(4) };

describe('the lanes of a use case', () => {
  it('[DPR59] are as many as its manifest says, one where it says nothing', () => {
    expect(separationOf(decodeManifest(encodeManifest(LANES)))).toBe(4);
    expect(separationOf(MANIFEST)).toBe(1);
    expect(separationOf({ strategy: 'no JSON' })).toBe(1);
  });

  // Kills: a separation that the slots of the next epoch, a token too many or the second use of one breaks.
  it.each([
    ['a separation that does not divide the slots', { strategy: separated(5) }],
    ['a separation of none', { strategy: separated(0) }],
    ['a separation that is no number', { strategy: separated('4') }],
    ['more tokens than slots of a lane', { quota: 4 }],
    ['tokens for two rounds of one slot', { reuse: 2 }],
  ])('[DPR59] a manifest with %s is none', (_name, change) => {
    const refusal = expect.objectContaining({ code: 'malformed_message' });
    expect(() => encodeManifest({ ...LANES, ...change })).toThrow(refusal);
  });

  it('[DPR59] a device is in that of the first six bytes of SHA-256 of its name, modulo b', () => {
    const message = Buffer.from(laneMessage('digits', 'd-1')).toString('hex');
    expect(message).toBe(`${hexOf('starling-lane-v1')}0006${hexOf('digits')}0003${hexOf('d-1')}`);
    const digest = Uint8Array.from({ length: 32 }, (_, i) => (i < 6 ? 255 - i : 7));
    const lane = laneOf(digest, 7);
    expect(lane).toEqual({ separation: 7, first: Number(0xfffefdfcfbfan % 7n) });
    expect([lane.first, lane.first + 7, lane.first + 8].map((slot) => isInLane(lane, slot))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
