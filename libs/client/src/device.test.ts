import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bytesToHex } from '@noble/hashes/utils.js';

import { decodeInt32LE, encodingOf } from '#learning';
import { encodeInfo, ENCODING, encodingOfManifest, payloadLength, type Manifest } from '#protocol';

import { Device } from './device.js';
import type { Train } from './participate.js';
import { TestStarling } from './starling.test-server.js';

const nudge: Train = ({ parameters }) => parameters.map((value) => value + 2 ** -10);

let starling: TestStarling;
const restart = async (changes: Partial<Manifest>): Promise<void> => {
  await starling.close();
  starling = await TestStarling.start(changes);
};
beforeEach(async () => {
  starling = await TestStarling.start();
});
afterEach(() => starling.close());

describe('a round', () => {
  it('[DEV1] counts the update of a device that enrolled, fetched tokens and took part', async () => {
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    const result = await device.participate(nudge);

    const [update] = [...starling.intake.accepted.values()];
    expect(result).toMatchObject({ outcome: 'accepted', receipt: update?.receipt });
    // 2^-10 · 65,536 steps a unit; 1,010 parameters stay below the clip.
    expect(new Set(decodeInt32LE(update!.payload))).toEqual(new Set([64]));
  });

  // Kills: int32 whatever the manifest says; rounding to the nearest, which leaves nothing of so small a delta.
  it.each<[string, Partial<Manifest>, number]>([
    ['int16', { encoding: ENCODING.int16, scale: 100 }, 2020],
    ['int8', { encoding: ENCODING.int8, scale: 100 }, 1010],
    ['topK', { encoding: ENCODING.topK, topK: 200, scale: 100 }, 1200],
  ])('[SUB20] writes its update as the manifest says: %s', async (_name, changes, bytes) => {
    await restart(changes);
    const { manifest } = starling.deployment;
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    const [update] = [...starling.intake.accepted.values()];
    expect([update!.payload.length, payloadLength(manifest)]).toEqual([bytes, bytes]);
    const q = encodingOf(encodingOfManifest(manifest), 1010).decode(update!.payload);
    // 2^-10 · 100 is a tenth of a step.
    expect(new Set(q)).toEqual(new Set([0, 1]));
  });

  it('[DEV1] takes part in one round after the other, each with the token of its slot', async () => {
    const device = await starling.device();
    for (const slot of [0, 1, 2]) {
      starling.coordinator.open(starling.deployment.record(5, slot));
      await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    }
    expect(starling.intake.accepted.size).toBe(3);
  });

  // Kills: training that is not told, or is told of a strategy that is not the task's.
  it.each([
    ['{"name":"FedProx","mu":0.25}', 0.25],
    ['{"name":"FedAvg"}', 0],
  ])('[LRN24] training is told what %s wants of the device', async (strategy, mu) => {
    await restart({ strategy });
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    const told: number[] = [];
    await device.participate((input) => {
      told.push(input.proximalMu);
      return nudge(input);
    });
    expect(told).toEqual([mu]);
  });

  it('[DEV9] takes part once: the second time it says so, trains nothing and sends nothing', async () => {
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    await device.participate(nudge);
    const before = starling.intake.handshakes.length;
    const again = device.participate(() => {
      throw new Error('trained again');
    });
    await expect(again).resolves.toEqual({ outcome: 'skipped', reason: 'already_submitted' });
    expect(starling.intake.handshakes).toHaveLength(before);
  });

  it('[DEV1] answers that no round is open', async () => {
    const device = await starling.device();
    await expect(device.participate(nudge)).resolves.toEqual({ outcome: 'skipped', reason: 'no_open_round' });
  });
});

// Kills: dropping any one of the rules in `checkRound`.
describe('a round record that contradicts the manifest', () => {
  const lies: [string, () => Uint8Array][] = [
    [
      'another use case',
      () => starling.deployment.record(5, 0, { info: info('letters', starling.deployment.suite.id) }),
    ],
    ['another suite', () => starling.deployment.record(5, 0, { info: info('digits', 'acs-ristretto255-exp-sdhi') })],
    ['a slot beyond the epoch', () => starling.deployment.record(5, 8)],
    ['another jitter', () => starling.deployment.record(5, 0, { jitterMs: 1 })],
    ['fewer updates than k_min', () => starling.deployment.record(5, 0, { min: 1 })],
    ['no record at all', () => new Uint8Array(20)],
  ];
  const info = (useCase: string, suite: string) => encodeInfo({ useCase, suite, epoch: 5, slot: 0 });

  it.each(lies)('[DEV7] is refused: %s', async (_, record) => {
    const device = await starling.device();
    const bytes = record();
    if (bytes.length > 20) starling.coordinator.open(bytes);
    else starling.coordinator.openBytes(bytes);
    await expect(device.participate(nudge)).rejects.toMatchObject({ code: 'bad_round' });
    expect(starling.intake.handshakes).toHaveLength(0);
  });

  it('[DEV7] is refused: a manifest that not even the coordinator has', async () => {
    const device = await starling.device();
    starling.coordinator.openBytes(starling.deployment.record(5, 0, { manifestDigest: new Uint8Array(32) }));
    await expect(device.participate(nudge)).rejects.toMatchObject({ code: 'unknown_manifest' });
    expect(starling.intake.handshakes).toHaveLength(0);
  });

  it('[DEV7] is refused: another id than was announced', async () => {
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    starling.coordinator.otherRoundId = '00000000-0000-4000-8000-000000000000';
    await expect(device.participate(nudge)).rejects.toMatchObject({ code: 'bad_round' });
  });
});

describe('the crowd to hide in', () => {
  // Kills: comparing `issued` with `min` of the record, or not at all.
  it('[DEV6] submits nothing to a round with fewer tokens issued than k_min, in 100 tries', async () => {
    await restart({ kMin: 50 });
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0, { issued: 49 }));
    for (let i = 0; i < 100; i++) {
      await expect(device.participate(nudge)).resolves.toEqual({ outcome: 'skipped', reason: 'too_few_tokens' });
    }
    expect(starling.intake.handshakes).toHaveLength(0);
    starling.coordinator.open(starling.deployment.record(5, 1, { issued: 50 }));
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
  });

  // Kills: fetching a token where `participate` finds none.
  it('[DEV5] never fetches and spends: without a token for the slot it skips the round and asks the issuer nothing', async () => {
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 7));
    const before = starling.issuer.http.requests.length;
    await expect(device.participate(nudge)).resolves.toEqual({ outcome: 'skipped', reason: 'no_token' });
    expect(starling.issuer.http.requests).toHaveLength(before);
    expect(starling.intake.handshakes).toHaveLength(0);
  });

  // Kills: asking the issuer for the manifest at each start, which may well be because a round has opened.
  it('[DEV5] starts again and takes part without a word to the issuer', async () => {
    const platform = starling.platform();
    await starling.device(platform);
    const before = starling.issuer.http.requests.length;
    starling.coordinator.open(starling.deployment.record(5, 0));
    const again = await Device.enrol(starling.settings, platform);
    await expect(again.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    expect(starling.issuer.http.requests).toHaveLength(before);
  });

  // Kills: trusting the issuer to issue nothing for a slot whose round is about to open.
  it('[DEV5] skips a round that opened less than W after its token was fetched', async () => {
    await restart({ jitterMs: 60_000 });
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    await expect(device.participate(nudge)).resolves.toEqual({ outcome: 'skipped', reason: 'token_too_new' });
    expect(starling.intake.handshakes).toHaveLength(0);
  });

  it('[DEV5] with `neverFetchAndSpend: false` fetches and spends at once, and says so', async () => {
    await restart({ jitterMs: 60_000 });
    const settings = { ...starling.settings, neverFetchAndSpend: false };
    const device = await Device.enrol(settings, starling.platform());
    starling.coordinator.open(starling.deployment.record(5, 0));
    const result = await device.participate(nudge);
    expect(result).toMatchObject({ outcome: 'accepted', fetchedAndSpent: true });
    expect(starling.issuer.issued).toBe(3);
    // Starling's own issuer has sealed the slot of an open round: then there is nothing to fetch.
    starling.coordinator.open(starling.deployment.record(5, 3));
    starling.issuer.window = { epoch: 5, nextSlot: 4 };
    await expect(device.participate(nudge)).resolves.toEqual({ outcome: 'skipped', reason: 'no_token' });
  });
});

describe('the model', () => {
  // Kills: not hashing what was downloaded.
  it('[DEV8] is refused when its bytes are not those the record names', async () => {
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    starling.coordinator.otherModel = starling.deployment.models.get(bytesToHex(starling.deployment.addModel(1)));
    await expect(device.participate(nudge)).rejects.toMatchObject({ code: 'wrong_model' });
    expect(starling.intake.handshakes).toHaveLength(0);
  });

  it('[DEV8] is refused when it does not have the layout of the manifest', async () => {
    const device = await starling.device();
    const other = await TestStarling.start({ layout: [{ name: 'kernel', shape: [1010] }] });
    for (const [digest, bytes] of other.deployment.models) starling.deployment.models.set(digest, bytes);
    await other.close();
    starling.coordinator.open(starling.deployment.record(5, 0));
    starling.coordinator.publish([Uint8Array.of(1), Uint8Array.of(2)], other.deployment.modelDigest);
    starling.coordinator.open(starling.deployment.record(5, 1));
    await expect(device.participate(nudge)).rejects.toMatchObject({ code: 'wrong_model' });
  });
});

describe('training', () => {
  it.each<[string, Train]>([
    ['too few parameters', () => new Float32Array(3)],
    ['not a number', ({ parameters }) => parameters.fill(NaN)],
    ['a weight level the manifest does not have', ({ parameters }) => ({ parameters, weightLevel: 2 })],
  ])('[DEV10] that returns no update spends no token: %s', async (_, train) => {
    const device = await starling.device();
    starling.coordinator.open(starling.deployment.record(5, 0));
    await expect(device.participate(train)).rejects.toMatchObject({ code: 'bad_training' });
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
  });
});
