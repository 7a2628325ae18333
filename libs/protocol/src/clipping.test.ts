import { describe, expect, it, test } from '@jest/globals';

import {
  clippingOf,
  clipOf,
  decodeManifest,
  decodeRoundRecord,
  ENCODING,
  encodeManifest,
  encodeRoundRecord,
  hasPromisedClip,
  PrivacyPlan,
  settleClipping,
  strategyText,
  type ClippingWish,
} from './index.js';
import { MANIFEST, RECORD } from './wire-samples.js';

const malformed = expect.objectContaining({ code: 'malformed_message' });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const SCENE = { clip: 10, scale: 65_536, encoding: ENCODING.int32, updates: 100, noiseMultiplier: 1 };
const TERMS = { targetUnclipped: 0.5, learningRate: 0.2, countNoise: 5, minClip: 0.1, maxClip: 1000 };
const ADAPTIVE = {
  ...MANIFEST,
  weightLevels: [1, 1],
  strategy: strategyText({ name: 'FedAvg' }, { noiseMultiplier: 1, delta: 1e-6, epsilonMax: 8, clipping: TERMS }),
};

describe('a record that says the clip', () => {
  // Kills: a clip that shows in the records of all tasks, whose digests would be others; one that can be left out.
  it('[DPR46] has it after all other fields, and is refused when cut or longer', () => {
    const bytes = encodeRoundRecord({ ...RECORD, clipMicros: 2_500_000 });
    const plain = encodeRoundRecord(RECORD);
    expect(hex(bytes)).toBe(`${hex(plain)}01${(2_500_000).toString(16).padStart(16, '0')}`);
    expect(decodeRoundRecord(bytes)).toEqual({ ...RECORD, clipMicros: 2_500_000 });
    expect(decodeRoundRecord(plain)).not.toHaveProperty('clipMicros');
    for (let length = plain.length + 1; length < bytes.length; length++)
      expect(() => decodeRoundRecord(bytes.subarray(0, length))).toThrow(malformed);
    const other = bytes.slice();
    other[plain.length] = 2;
    for (const wrong of [other, Uint8Array.from([...bytes, 0]), Uint8Array.from([...bytes, 1])])
      expect(() => decodeRoundRecord(wrong)).toThrow(malformed);
  });

  // Kills: a server that says of one round that it clips more, or less, than the task promised.
  test.each([
    ['one of a task whose clip is fixed', MANIFEST, undefined, true],
    ['a clip where the task has a fixed one', MANIFEST, 1_000_000, false],
    ['no clip where it adapts', ADAPTIVE, undefined, false],
    ['the least clip', ADAPTIVE, 100_000, true],
    ['less than the least', ADAPTIVE, 99_999, false],
    ['the largest clip', ADAPTIVE, 1_000_000_000, true],
    ['more than the largest', ADAPTIVE, 1_000_000_001, false],
  ])('[DPR46] %s', (_name, manifest, clipMicros, isPromised) => {
    expect(hasPromisedClip({ clipMicros }, manifest)).toBe(isPromised);
  });

  it('[DPR46] updates are clipped to what the record says, else to what the manifest says', () => {
    expect(clipOf({ clipMicros: 2_500_000 }, ADAPTIVE)).toBe(2.5);
    expect(clipOf(RECORD, MANIFEST)).toBe(10);
  });

  // Kills: a field that hides another, fields in any order, and one said twice.
  it('[DPR46] goes with what a round measures, each once and in one order', () => {
    const both = { ...RECORD, clipMicros: 2_500_000, evaluation: { lossBound: 2.5 } };
    const bytes = encodeRoundRecord(both);
    expect(decodeRoundRecord(bytes)).toEqual(both);
    const at = encodeRoundRecord(RECORD).length;
    const [plain, clip, evaluation] = [bytes.subarray(0, at), bytes.subarray(at, at + 9), bytes.subarray(at + 9)];
    for (const fields of [
      [evaluation, clip],
      [clip, clip],
      [clip, evaluation, evaluation],
    ])
      expect(() => decodeRoundRecord(Buffer.concat([plain, ...fields]))).toThrow(malformed);
  });
});

describe('a manifest that says how the clip adapts', () => {
  it('[DPR45] has all of it in its strategy, in one order', () => {
    expect(ADAPTIVE.strategy).toBe(
      '{"name":"FedAvg","privacy":{"clipping":{"countNoise":5,"learningRate":0.2,"maxClip":1000,"minClip":0.1,"targetUnclipped":0.5},"delta":0.000001,"epsilonMax":8,"noiseMultiplier":1}}',
    );
    expect(clippingOf(decodeManifest(encodeManifest(ADAPTIVE)))).toEqual(TERMS);
    expect(clippingOf(MANIFEST)).toBeUndefined();
  });

  // Kills: bits where levels weigh other than 1, so that they would change the sum.
  it('[DPR45] needs the two levels that say the bit, and terms that can be read', () => {
    for (const weightLevels of [[1], [1, 2], [1, 1, 1]])
      expect(() => encodeManifest({ ...ADAPTIVE, weightLevels })).toThrow(malformed);
    // A strategy may have an option of this name.
    expect(clippingOf({ strategy: '{"name":"Own","clipping":1}' })).toBeUndefined();
    for (const strategy of [
      '{"name":"FedAvg","privacy":{"clipping":{}}}',
      ADAPTIVE.strategy.replace('"minClip":0.1,', ''),
    ])
      expect(() => encodeManifest({ ...ADAPTIVE, strategy })).toThrow(malformed);
  });

  it('[DPR45] what a task leaves out is settled by its rounds, its noise and its grid', () => {
    expect(settleClipping('adaptive', SCENE)).toEqual(TERMS);
    const settled = (wish: ClippingWish, more: object) => settleClipping(wish, { ...SCENE, ...more });
    expect(settled('adaptive', { updates: 10, noiseMultiplier: 0.3 }).countNoise).toBe(1);
    expect(settled('adaptive', { updates: 10, noiseMultiplier: 3 }).countNoise).toBe(3);
    // No less than a grid step, no more than an encoding holds.
    expect(settled('adaptive', { encoding: ENCODING.int8, scale: 12 })).toMatchObject({
      minClip: 0.1,
      maxClip: 10.583333,
    });
    expect(settled('adaptive', { encoding: ENCODING.int8, scale: 5 })).toMatchObject({ minClip: 0.2, maxClip: 25.4 });
    const { clipping } = PrivacyPlan.parse({ noiseMultiplier: 1, epsilonMax: 8, clipping: { minClip: 0.0000014 } });
    expect(settled(clipping!, {}).minClip).toBe(0.000001);
  });
});
