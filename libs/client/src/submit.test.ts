import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { equalBytes } from '#protocol';

import { Device } from './device.js';
import type { Train } from './participate.js';
import type { HttpReply, Platform } from './platform.js';
import { TestStarling } from './starling.test-server.js';
import { submissionDelay } from './submit.js';
import { MemoryTokenStore } from './token-store.js';

const nudge: Train = ({ parameters }) => parameters.map((value) => value + 2 ** -10);
const unreachable: Platform['connect'] = () => Promise.reject(new Error('no route'));
const mustNotTrain: Train = () => {
  throw new Error('trained again');
};

let starling: TestStarling;
let platform: Platform;
let device: Device;
beforeEach(async () => {
  starling = await TestStarling.start();
  platform = starling.platform();
  device = await starling.device(platform);
  starling.coordinator.open(starling.deployment.record(5, 0));
});
afterEach(() => starling.close());

const theReceipt = (): Uint8Array => [...starling.intake.accepted.values()][0]!.receipt;

describe('a lost answer', () => {
  // Kills: a fresh header, token or payload for a retry.
  it.each(['submit:open', 'upload:chunk', 'upload:commit'])(
    '[DEV11] to %s: the same update again, one receipt',
    async (event) => {
      starling.intake.lose[event] = 2;
      const result = await device.participate(nudge);
      expect(result).toMatchObject({ outcome: 'accepted', receipt: theReceipt() });
      expect(new Set(starling.intake.opened).size).toBe(1);
      expect(starling.intake.opened.length).toBeGreaterThan(1);
      expect(starling.intake.accepted.size).toBe(1);
    },
  );

  it('[DEV11] asks again after `overloaded`, and gives up after a bounded number of tries', async () => {
    starling.intake.overloaded = 3;
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    starling.coordinator.open(starling.deployment.record(5, 1));
    starling.intake.overloaded = 1000;
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'refused', code: 'overloaded' });
    expect(starling.intake.overloaded).toBe(992);
  });

  // Kills: an answer of intake that makes a device call issuer or coordinator (a recognisable moment).
  it('[DEV13] makes no call to issuer or coordinator', async () => {
    const before = starling.issuer.http.requests.length;
    const asked = starling.coordinator.http.requests.length;
    starling.intake.lose['upload:commit'] = 1;
    starling.intake.overloaded = 1;
    await device.participate(nudge);
    expect(starling.issuer.http.requests).toHaveLength(before);
    // The round, the log and the model, before anything was submitted.
    expect(starling.coordinator.http.requests.slice(asked).map(({ path }) => path.split('/')[2])).toEqual([
      'use-cases',
      'log',
      'log',
      'models',
    ]);
  });
});

describe('the memory of a model', () => {
  /** Devices that get the very same bytes, and whether they are still what they were. */
  async function sharing(marks: Partial<HttpReply>) {
    const { http } = platform;
    let model: HttpReply | undefined;
    let first: Uint8Array | undefined;
    const coordinator: typeof http.coordinator = async (url, request) => {
      if (!url.includes('/models/')) return http.coordinator(url, request);
      const { status, bytes } = model ?? (await http.coordinator(url, request));
      first ??= bytes.slice();
      return (model = { status, bytes, ...marks });
    };
    const another = () =>
      starling.device({ ...platform, http: { ...http, coordinator }, store: new MemoryTokenStore() });
    const devices = [await another(), await another()];
    starling.coordinator.open(starling.deployment.record(5, 1));
    return { devices, isUntouched: () => equalBytes(model!.bytes, first!) };
  }

  // Kills: an update that is written over bytes of which the platform does not say that nobody else has them.
  it('[DEV33] is only read where somebody else may have it', async () => {
    const { devices, isUntouched } = await sharing({});
    for (const each of devices) await expect(each.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    expect(isUntouched()).toBe(true);
  });

  // Kills: memory of its own for every update, for which a machine of many devices collects all day.
  it('[DEV33] is where the update is written to if nobody else has it', async () => {
    const { devices, isUntouched } = await sharing({ isFresh: true });
    await expect(devices[0]!.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    expect(isUntouched()).toBe(false);
  });
});

describe('a crash', () => {
  // Kills: sending before marking; training again for the same token.
  it('[DEV9] between marking and sending: the same transcript leaves after the restart', async () => {
    const dying = await Device.enrol(starling.settings, { ...platform, connect: unreachable });
    await expect(dying.participate(nudge)).rejects.toMatchObject({ code: 'unreachable' });
    const restarted = await Device.enrol(starling.settings, platform);
    await expect(restarted.participate(mustNotTrain)).resolves.toMatchObject({ outcome: 'accepted' });
    expect(starling.intake.accepted.size).toBe(1);
  });

  it('[DEV9] after the last byte, before the answer: the restart gets the receipt of then', async () => {
    starling.intake.lose['upload:commit'] = 1;
    const once: Platform['connect'] = (url, path, query) =>
      starling.intake.accepted.size > 0 ? unreachable(url, path, query) : platform.connect(url, path, query);
    const dying = await Device.enrol(starling.settings, { ...platform, connect: once });
    await expect(dying.participate(nudge)).rejects.toMatchObject({ code: 'unreachable' });
    const restarted = await Device.enrol(starling.settings, platform);
    await expect(restarted.participate(mustNotTrain)).resolves.toMatchObject({
      outcome: 'accepted',
      receipt: theReceipt(),
    });
    expect(new Set(starling.intake.opened).size).toBe(1);
  });

  // Kills: opening a connection before the mark is durable.
  it('[DEV9] while marking: nothing has left the device', async () => {
    const { store } = platform;
    const full = { ...store, read: store.read.bind(store), write: () => Promise.reject(new Error('disk full')) };
    const settings = starling.settings;
    const failing = { ...platform, store: { ...full, remove: store.remove.bind(store) } };
    await expect(Device.enrol(settings, failing)).rejects.toThrow('disk full');
    const dying = await Device.enrol(settings, {
      ...platform,
      store: { ...failing.store, write: failAfter(store, 1) },
    });
    await expect(dying.participate(nudge)).rejects.toThrow('disk full');
    expect(starling.intake.handshakes).toHaveLength(0);
  });
});

describe('a refusal', () => {
  it('[DEV12] that is definite is an answer, and is final', async () => {
    const other = starling.deployment.record(5, 0);
    starling.intake.record = () => other;
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'refused', code: 'stale_model' });
    expect(starling.intake.opened).toHaveLength(1);
    await expect(device.participate(nudge)).resolves.toEqual({ outcome: 'skipped', reason: 'already_submitted' });
  });

  // Kills: taking `token_spent` for a lost answer.
  it('[DEV12] token_spent raises an alarm: of a token store on two devices each token counts once, and the loser knows', async () => {
    const copy = await Device.enrol(starling.settings, { ...platform, store: await copyOf(platform) });
    const other: Train = ({ parameters }) => parameters.map((value) => value - 1);
    for (const slot of [0, 1, 2]) {
      if (slot > 0) starling.coordinator.open(starling.deployment.record(5, slot));
      const results = await Promise.all([device.participate(nudge), copy.participate(other)]);
      const loser = { outcome: 'refused', code: 'token_spent', alarm: 'copied_store' };
      expect(results).toContainEqual(expect.objectContaining({ outcome: 'accepted' }));
      expect(results).toContainEqual(expect.objectContaining(loser));
    }
    expect(starling.intake.accepted.size).toBe(3);
  });

  // Kills: believing any receipt.
  it('[DEV12] a receipt that intake cannot have made is not believed', async () => {
    starling.intake.otherReceipt = new Uint8Array(32);
    await expect(device.participate(nudge)).rejects.toMatchObject({ code: 'forged_receipt' });
  });
});

describe('the moment of submission', () => {
  const at = (draw: number) => (length: number) => new Uint8Array(length).fill(draw);
  it.each([
    { name: 'the earliest', draw: 0, delay: 0 },
    { name: 'the latest', draw: 255, delay: 2000 },
  ])('[DEV14] is U(0, W) after the training: $name', ({ draw, delay }) => {
    expect(submissionDelay(2000, at(draw))).toBeCloseTo(delay, 3);
  });

  // Kills: counting W from the opening: who trained for longer left the moment the training was over.
  it('[DEV14] is waited for after the training, before anything reaches intake', async () => {
    const slept: [number, number][] = [];
    let now = Date.now();
    const clock = {
      now: () => now,
      sleep: async (ms: number) => void slept.push([ms, starling.intake.handshakes.length]),
    };
    await starling.close();
    starling = await TestStarling.start({ jitterMs: 60_000 });
    device = await starling.device({ ...starling.platform(), clock });
    now += 70_000;
    starling.coordinator.open(starling.deployment.record(5, 0));
    slept.length = 0;
    await device.participate((input) => {
      now += 60_000;
      return nudge(input);
    });
    expect(slept).toHaveLength(1);
    expect(slept[0]![0]).toBeGreaterThan(0);
    expect(slept[0]![1]).toBe(0);
  });
});

/** What the device knows of the log is no secret and no mark: it is written all the time. */
function failAfter(store: Platform['store'], writes: number): Platform['store']['write'] {
  let left = writes;
  return (name, bytes) =>
    name === 'log' || left-- > 0 ? store.write(name, bytes) : Promise.reject(new Error('disk full'));
}

async function copyOf({ store }: Platform): Promise<Platform['store']> {
  return new MemoryTokenStore([['wallet', (await store.read('wallet'))!]]);
}
