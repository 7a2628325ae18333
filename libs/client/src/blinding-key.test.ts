import { describe, expect, it } from '@jest/globals';
import { bytesToHex } from '@noble/hashes/utils.js';

import { DEFAULT_SUITE, suiteOf } from '#credential';
import { derivedKeyList, encodeInfo } from '#protocol';

import { blindingKeyAt } from './blinding-key.js';
import { random, TestDeployment } from './deployment.test-server.js';
import type { IssuanceContext } from './issuance-context.js';
import { nodeHashes } from './node/node-hashes.js';

const EPOCH = 5;

/** What an issuer answers about the keys of epoch 5, and what the log says of them. */
interface Story {
  readonly suite: string;
  /** under this key instead of the manifest's */
  readonly primaryKey?: Uint8Array;
  /** of this use case instead of the manifest's */
  readonly useCase?: string;
  /** epoch or slot that is really asked about */
  readonly epoch?: number;
  readonly logged?: readonly Uint8Array[] | 'nothing';
}

function scene(story: Story) {
  const suite = suiteOf(story.suite);
  const primaryKey = suite.generatePrimaryKey(random);
  const keys = [{ publicKey: suite.primaryPublicKey(primaryKey), firstEpoch: 0 }];
  const { manifest, manifestDigest } = new TestDeployment({ suite: suite.id, keys, slots: 3, batch: 1, quota: 3 });
  const infoOf = (slot: number) =>
    encodeInfo({ useCase: story.useCase ?? manifest.useCase, suite: suite.id, epoch: story.epoch ?? EPOCH, slot });
  const pairOf = (slot: number, key = story.primaryKey ?? primaryKey) => suite.deriveKeyPair(key, infoOf(slot));
  const honest = [0, 1, 2].map((slot) => suite.deriveKeyPair(primaryKey, infoOf(slot)).public);
  const asked: string[] = [];
  const http = async (url: string) => {
    asked.push(new URL(url).pathname);
    const slot = /derived-keys\/5\/(\d)$/.exec(url)?.[1];
    const body =
      slot === undefined
        ? { publicKeys: [0, 1, 2].map((slot) => bytesToHex(pairOf(slot).public)) }
        : { publicKey: bytesToHex(pairOf(Number(slot)).public), proof: bytesToHex(pairOf(Number(slot)).proof) };
    return { status: 200, bytes: new TextEncoder().encode(JSON.stringify(body)) };
  };
  const clock = { now: () => 0, sleep: async () => undefined };
  const { logged = honest } = story;
  const context: IssuanceContext = {
    platform: { http: { issuer: http, coordinator: http }, clock, random, hashes: nodeHashes },
    pinned: { manifest, digest: manifestDigest, suite },
    issuer: 'http://issuer.test',
    device: { id: '', secretKey: random(32) },
    loggedKeys: async () => {
      if (logged === 'nothing') throw Object.assign(new Error('the log has none'), { code: 'unlogged' });
      return nodeHashes.sha256(derivedKeyList(logged));
    },
  };
  return { context, honest, asked };
}

const keyOf = (story: Story) => blindingKeyAt(scene(story).context, { epoch: EPOCH, slot: 1 });

const PROVEN = 'acs-ristretto255-mul-sdhi';
const LOGGED = 'acs-ristretto255-exp-hmac';
const otherKey = (suite: string) => suiteOf(suite).generatePrimaryKey(random);

describe('the key a device blinds for', () => {
  it.each([DEFAULT_SUITE, PROVEN, LOGGED])('[DEV30] is that of its slot under %s', async (suite) => {
    const { context, honest, asked } = scene({ suite });
    expect((await blindingKeyAt(context, { epoch: EPOCH, slot: 1 })).public).toEqual(honest[1]);
    expect(asked).toHaveLength(suite === DEFAULT_SUITE ? 0 : 1);
  });

  // Kills: a key taken from the wire; an issuer that gives one device a key of its own.
  it.each([
    ['of another primary key', { primaryKey: otherKey(PROVEN) }],
    ['of another use case', { useCase: 'somebody' }],
    ['of another epoch', { epoch: EPOCH + 1 }],
  ] as const)('[DEV30] is refused where its proof is %s', async (_name, change) => {
    await expect(keyOf({ suite: PROVEN, ...change })).rejects.toMatchObject({ code: 'malicious_issuer' });
  });

  // Kills: believing a suite that proves nothing.
  it.each([
    ['is not among those in the log', { primaryKey: otherKey(LOGGED) }],
    ['is in no log', { logged: 'nothing' }],
    ['is one of fewer keys than the log has', { logged: [] }],
  ] as const)('[DEV30] is refused where it %s', async (_name, change) => {
    await expect(keyOf({ suite: LOGGED, ...change })).rejects.toMatchObject({ code: 'unlogged' });
  });
});
