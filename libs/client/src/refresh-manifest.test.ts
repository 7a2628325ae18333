import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { encodeManifest, type Manifest } from '#protocol';

import { nodeHashes } from './node/node-hashes.js';
import type { Train } from './participate.js';
import { TestStarling } from './starling.test-server.js';

const nudge: Train = ({ parameters }) => parameters.map((value) => value + 2 ** -10);

let starling: TestStarling;
beforeEach(async () => {
  starling = await TestStarling.start();
});
afterEach(() => starling.close());

/** The deployment signs another manifest from now on; a log that listed one that must not be would not be believed either. */
function sign(changes: Partial<Manifest>, { logged = true } = {}): Uint8Array {
  const { manifest } = starling.deployment;
  const next = { ...manifest, version: manifest.version + 1, ...changes };
  const bytes = logged ? starling.deployment.logManifest(next) : encodeManifest(next);
  starling.issuer.manifestBytes = starling.coordinator.manifestBytes = () => bytes;
  return nodeHashes.sha256(bytes);
}

const withKeyFrom = (firstEpoch: number): Partial<Manifest> => {
  const [first] = starling.deployment.manifest.keys;
  return { keys: [first!, { publicKey: new Uint8Array(32).fill(7), firstEpoch }] };
};

describe('a device whose use case has a later manifest', () => {
  it('[KEY5] follows it when it fetches tokens, and takes part in rounds of both', async () => {
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    const manifestDigest = sign(withKeyFrom(7));
    await device.prefetch();
    expect(device.manifest.keys.map(({ firstEpoch }) => firstEpoch)).toEqual([0, 7]);
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    starling.coordinator.open(starling.deployment.record(5, 1, { manifestDigest }));
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
  });

  it('[KEY5] follows it when a round names it, and asks the issuer nothing', async () => {
    const device = await starling.device();
    const manifestDigest = sign(withKeyFrom(7));
    const before = starling.issuer.http.requests.length;
    starling.coordinator.open(starling.deployment.record(5, 0, { manifestDigest }));
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    expect(starling.issuer.http.requests).toHaveLength(before);
  });

  it('[KEY5] takes no part in a round under one that may not follow', async () => {
    const device = await starling.device();
    const manifestDigest = sign(withKeyFrom(5));
    starling.coordinator.open(starling.deployment.record(5, 0, { manifestDigest }));
    await expect(device.participate(nudge)).rejects.toMatchObject({ code: 'untrusted_manifest' });
    expect(starling.intake.handshakes).toHaveLength(0);
  });

  // Kills: taking whatever the pinned key signed; comparing with the current epoch instead of the tokens held.
  it.each<[string, () => Partial<Manifest>]>([
    ['a key for an epoch it has tokens for', () => withKeyFrom(5)],
    ['a smaller crowd', () => ({ kMin: 1 })],
    ['the same version', () => ({ ...withKeyFrom(9), version: starling.deployment.manifest.version })],
  ])('[KEY5] goes no step with one that has %s, and keeps its tokens for the other', async (_, changes) => {
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    sign(changes(), { logged: false });
    await expect(device.prefetch()).rejects.toMatchObject({ code: 'untrusted_manifest' });
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
  });

  it('[KEY5] remembers after a restart which version it followed', async () => {
    const platform = starling.platform();
    const device = await starling.device(platform);
    sign(withKeyFrom(7));
    await device.prefetch();
    starling.issuer.manifestBytes = () => starling.deployment.manifestBytes;
    await expect(starling.device(platform)).rejects.toMatchObject({ code: 'untrusted_manifest' });
  });
});
