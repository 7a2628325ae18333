import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { encodeManifest, TokensRequest } from '#protocol';

import { Device } from './device.js';
import type { Platform } from './platform.js';
import { TestStarling } from './starling.test-server.js';
import { MemoryTokenStore } from './token-store.js';
import { Wallet } from './wallet.js';

let starling: TestStarling;
beforeEach(async () => {
  starling = await TestStarling.start();
});
afterEach(() => starling.close());

const enrol = (platform: Platform): Promise<Device> => Device.enrol(starling.settings, platform);
/** What tokens the device asked for, request by request. */
const asked = (): { epoch: number; slots: number[] }[] =>
  starling.issuer.http.requests
    .filter(({ path }) => path.endsWith('/tokens'))
    .map(({ body }) => TokensRequest.parse(JSON.parse(body)))
    .map(({ epoch, slots }) => ({ epoch, slots }));
const held = async ({ store }: Platform): Promise<string[]> =>
  (await Wallet.open(store)).tokens.map(({ epoch, slot }) => `${epoch}/${slot}`);

describe('the manifest', () => {
  // Kills: verifying under a key from the wire, or not at all.
  it('[DEV2] is refused unless the pinned key signed it', async () => {
    const other = await TestStarling.start();
    await other.close();
    const settings = { ...starling.settings, deploymentKey: other.deployment.deploymentKey };
    await expect(Device.enrol(settings, starling.platform())).rejects.toMatchObject({ code: 'untrusted_manifest' });
    expect(starling.issuer.devices.size).toBe(0);
  });

  it.each([
    ['of another use case', { useCase: 'letters' }],
    ['with a suite unknown here', { suite: 'rot13' }],
  ])('[DEV2] is refused when it is one %s', async (_, changes) => {
    starling.issuer.manifestBytes = () => encodeManifest({ ...starling.deployment.manifest, ...changes });
    await expect(enrol(starling.platform())).rejects.toMatchObject({ code: 'untrusted_manifest' });
  });

  it('[DEV2] may only be replaced by a later version', async () => {
    const platform = starling.platform();
    await enrol(platform);
    const { manifest, manifestBytes } = starling.deployment;
    const later = starling.deployment.logManifest({ ...manifest, version: 2 });
    starling.coordinator.manifestBytes = () => later;
    await expect(enrol(platform)).resolves.toBeInstanceOf(Device);
    starling.coordinator.manifestBytes = () => manifestBytes;
    await expect(enrol(platform)).rejects.toMatchObject({ code: 'untrusted_manifest' });
  });
});

describe('enrolment', () => {
  it('[DEV3] is repeated safely: a lost answer leaves one device', async () => {
    const platform = starling.platform();
    await enrol(platform);
    starling.issuer.http.loseReplies = 2;
    await enrol(starling.platform());
    expect(starling.issuer.devices.size).toBe(2);
  });

  // Kills: making the key after sending, or a new one at each start.
  it('[DEV3] goes on as the same device after a crash while the answer was under way', async () => {
    const platform = starling.platform();
    const dying = { ...platform, http: { ...platform.http, issuer: dyingAt(platform, '/v1/devices') } };
    await expect(enrol(dying)).rejects.toMatchObject({ code: 'unreachable' });
    await enrol(platform);
    await enrol(platform);
    expect(starling.issuer.devices.size).toBe(1);
  });

  it('[DEV3] with a wrong code is refused with the reason', async () => {
    const refused = Device.enrol({ ...starling.settings, code: 'wrong' }, starling.platform());
    await expect(refused).rejects.toMatchObject({ code: 'refused', refusal: { code: 'invalid_code' } });
  });
});

describe('prefetch', () => {
  it('[DEV4] covers the coming slots in whole batches, across the end of the epoch, and nothing twice', async () => {
    const platform = starling.platform();
    const device = await enrol(platform);
    starling.issuer.window = { epoch: 5, nextSlot: 4 };
    expect(await device.prefetch({ slots: 1 })).toBe(3);
    expect(await device.prefetch({ slots: 3 })).toBe(0);
    expect(await device.prefetch({ slots: 6 })).toBe(4);
    expect(asked()).toEqual([
      { epoch: 5, slots: [4, 5, 6] },
      { epoch: 5, slots: [7] },
      { epoch: 6, slots: [0, 1, 2] },
    ]);
  });

  it('[DEV4] asks for nothing beyond the next epoch, and forgets retired ones', async () => {
    const platform = starling.platform();
    const device = await enrol(platform);
    expect(await device.prefetch({ slots: 1000 })).toBe(16);
    starling.issuer.window = { epoch: 6, nextSlot: 7 };
    expect(await device.prefetch({ slots: 2 })).toBe(3);
    expect((await held(platform)).slice(0, 2)).toEqual(['6/0', '6/1']);
  });

  // Kills: taking the tweaked key from the wire, skipping the proof, storing tokens one by one.
  it('[DEV4] an issuer that evaluates under another key is caught, and no token is stored', async () => {
    const platform = starling.platform();
    const device = await enrol(platform);
    starling.issuer.otherKey = starling.deployment.suite.generatePrimaryKey(platform.random);
    await expect(device.prefetch()).rejects.toMatchObject({ code: 'malicious_issuer' });
    expect(await held(platform)).toEqual([]);
  });

  // Kills: blinding anew for a retry.
  it('[DEV4] repeats a lost request byte for byte, also after a crash: each slot is charged once', async () => {
    const platform = starling.platform();
    await enrol(platform);
    const dying = { ...platform, http: { ...platform.http, issuer: dyingAt(platform, '/tokens') } };
    await expect((await enrol(dying)).prefetch()).rejects.toMatchObject({ code: 'unreachable' });
    expect(starling.issuer.issued).toBe(3);
    expect(await (await enrol(platform)).prefetch()).toBe(3);
    expect(starling.issuer.issued).toBe(3);
    expect(await held(platform)).toEqual(['5/0', '5/1', '5/2']);
  });

  it('[DEV4] plans anew when a round took a slot while the batch was under way', async () => {
    const device = await enrol(starling.platform());
    starling.issuer.window = { epoch: 5, nextSlot: 2 };
    const answers = [{ epoch: 5, nextSlot: 1 }];
    Object.defineProperty(starling.issuer, 'announced', { get: () => answers.pop() });
    expect(await device.prefetch()).toBe(3);
    expect(asked().map(({ slots }) => slots)).toEqual([
      [1, 2, 3],
      [2, 3, 4],
    ]);
  });

  it('[DEV4] leaves slots alone whose blinds were lost: the issuer does not evaluate them twice', async () => {
    const platform = starling.platform();
    const device = await enrol(platform);
    await device.prefetch();
    const before = await Wallet.open(platform.store);
    const store = new MemoryTokenStore();
    await (await Wallet.open(store)).setIdentity(before.identity!);
    const restored = { ...platform, store };
    expect(await (await enrol(restored)).prefetch({ slots: 4 })).toBe(3);
    expect(await held(restored)).toEqual(['5/3', '5/4', '5/5']);
  });
});

/** Handles the request, then loses the answer, every time. */
function dyingAt({ http }: Platform, end: string): Platform['http']['issuer'] {
  return async (url, request) => {
    const reply = await http.issuer(url, request);
    if (url.endsWith(end)) throw new Error('the cable is cut');
    return reply;
  };
}
