import { describe, expect, it } from '@jest/globals';

import type { Manifest, ManifestKey } from '#protocol';

import { TestDeployment } from './deployment.test-server.js';
import { brokenRule } from './succession.js';

const key = (firstEpoch: number, fill: number): ManifestKey => ({
  firstEpoch,
  publicKey: new Uint8Array(32).fill(fill),
});

const earlier: Manifest = { ...new TestDeployment().manifest, version: 3, keys: [key(0, 1), key(5, 2)] };
const next = (changes: Partial<Manifest>): Manifest => ({ ...earlier, version: 4, ...changes });
/** In epoch 6, with tokens for 6 and 7. */
const SEEN = { fetched: 7, current: 6 };

describe('a later manifest', () => {
  it.each<[string, Partial<Manifest>]>([
    ['announces a key for an epoch nobody has tokens for', { keys: [key(0, 1), key(5, 2), key(8, 3)] }],
    ['leaves out a key whose epochs are over', { keys: [key(5, 2), key(8, 3)] }],
    ['wants a larger crowd and more time', { kMin: earlier.kMin + 1, jitterMs: earlier.jitterMs + 1 }],
    ['skips versions', { version: 9 }],
  ])('[KEY5] may follow: it %s', (_, changes) => {
    expect(brokenRule(earlier, next(changes), SEEN)).toBeUndefined();
  });

  it('[KEY5] may follow long after: all keys in between were announced while the device was away', () => {
    const later = next({ keys: [key(44, 7), key(52, 8)] });
    expect(brokenRule(earlier, later, { fetched: 7, current: 50 })).toBeUndefined();
  });

  // Kills: dropping any one rule of `brokenRule` or `keepsKeys`; allowing a new key from the next epoch on.
  it.each<[string, Partial<Manifest>]>([
    ['the same version', { version: 3 }],
    ['an older version', { version: 2 }],
    ['another audience', { audience: 'elsewhere' }],
    ['another use case', { useCase: 'letters' }],
    ['another suite', { suite: 'acs-ristretto255-exp-sdhi' }],
    ['another log key', { logKey: new Uint8Array(32).fill(9) }],
    ['another epoch origin', { epochOrigin: earlier.epochOrigin + 1 }],
    ['longer epochs', { epochSeconds: earlier.epochSeconds * 2 }],
    ['more slots', { slots: earlier.slots + 1 }],
    ['another batch', { batch: earlier.batch - 1 }],
    ['another quota', { quota: earlier.quota - 1 }],
    ['another reuse', { reuse: earlier.reuse + 1 }],
    ['another encoding', { encoding: earlier.encoding + 1 }],
    ['another k', { topK: 3 }],
    ['another scale', { scale: earlier.scale + 1 }],
    ['another clip', { clipMicros: earlier.clipMicros + 1 }],
    ['another chunk', { chunkBytes: earlier.chunkBytes * 2 }],
    ['another upload deadline', { uploadDeadlineMs: earlier.uploadDeadlineMs + 1 }],
    ['another strategy', { strategy: '{"name":"Krum","malicious":1}' }],
    ['other weights', { weightLevels: [7] }],
    ['another initial model', { initialModel: new Uint8Array(32).fill(9) }],
    ['another topology', { topologyDigest: new Uint8Array(32).fill(9) }],
    ['another layout', { layout: [{ name: 'other', shape: [1] }] }],
    ['a smaller crowd', { kMin: earlier.kMin - 1 }],
    ['less time to spread', { jitterMs: earlier.jitterMs - 1 }],
    ['another key in force', { keys: [key(0, 1), key(5, 9)] }],
    ['another key once announced', { keys: [key(0, 9), key(5, 2)] }],
    ['a key that begins earlier', { keys: [key(0, 1), key(4, 2)] }],
    ['a key for an epoch with tokens out', { keys: [key(0, 1), key(5, 2), key(7, 3)] }],
    ['no key for the current epoch', { keys: [key(7, 2), key(8, 3)] }],
    ['fewer keys', { keys: [key(0, 1)] }],
  ])('[KEY5] is refused: %s', (_, changes) => {
    expect(brokenRule(earlier, next(changes), SEEN)).toEqual(expect.any(String));
  });
});
