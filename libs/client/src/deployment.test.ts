import { describe, expect, it } from '@jest/globals';

import { nobleHashes } from '#credential';

import { completeSettings } from './deployment.js';
import { nodePlatform } from './node/index.js';
import type { Http } from './platform.js';
import { fetchTopology } from './topology.js';

const KEY = 'ab'.repeat(32);
const REPLY = {
  issuer: 'https://issuer.example',
  coordinator: 'https://starling.example',
  intake: 'https://intake.example',
  deploymentKey: KEY,
  version: '0.1.0',
};

const answering = (bytes: Uint8Array) => {
  const asked: string[] = [];
  const http: Http = async (url) => {
    asked.push(url);
    return { status: 200, bytes };
  };
  return { platform: { ...nodePlatform(), http: { issuer: http, coordinator: http } }, asked };
};
const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('settings without addresses', () => {
  const settings = { coordinator: 'https://starling.example', useCase: 'digits', code: 'x', deploymentKey: KEY };

  it('[PKG5] take issuer and intake from the coordinator, and what the app names from the app', async () => {
    const { platform, asked } = answering(json(REPLY));
    const { issuer, intake } = REPLY;
    expect(await completeSettings(platform, settings)).toEqual({ ...settings, issuer, intake });
    expect(asked).toEqual(['https://starling.example/v1/deployment']);
    const own = { ...settings, issuer: 'https://mine.example' };
    expect(await completeSettings(platform, own)).toEqual({ ...own, intake });
    await completeSettings(platform, { ...own, intake: 'https://other.example' });
    expect(asked).toHaveLength(2);
  });

  // Kills: taking the coordinator's key for the app's, or an address that is none.
  it('[PKG5] are not completed by a coordinator with another key, or with addresses that are none', async () => {
    const other = answering(json({ ...REPLY, deploymentKey: 'cd'.repeat(32) }));
    await expect(completeSettings(other.platform, settings)).rejects.toMatchObject({ code: 'untrusted_manifest' });
    for (const intake of ['javascript:alert(1)', 'https://intake.example/', '']) {
      const wrong = answering(json({ ...REPLY, intake }));
      await expect(completeSettings(wrong.platform, settings)).rejects.toMatchObject({ code: 'malformed_reply' });
    }
  });
});

describe('a topology', () => {
  const bytes = json({ class_name: 'Sequential' });
  const manifest = { useCase: 'digits', topologyDigest: nobleHashes.sha256(bytes) };

  // Kills: building whatever the coordinator serves.
  it('[TKP9] counts only where it has the digest that the manifest names', async () => {
    const { platform, asked } = answering(bytes);
    const asker = { ...platform, http: platform.http.coordinator };
    expect(await fetchTopology(asker, 'https://c.example', manifest)).toEqual({ class_name: 'Sequential' });
    const other = { ...manifest, topologyDigest: new Uint8Array(32).fill(1) };
    await expect(fetchTopology(asker, 'https://c.example', other)).rejects.toMatchObject({ code: 'wrong_model' });
    expect(asked).toEqual(Array.from({ length: 2 }, () => 'https://c.example/v1/use-cases/digits/topology'));
    const bare = { ...manifest, topologyDigest: new Uint8Array(32) };
    expect(await fetchTopology(asker, 'https://c.example', bare)).toBeUndefined();
    expect(asked).toHaveLength(2);
  });
});
