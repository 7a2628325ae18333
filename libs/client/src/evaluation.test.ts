import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { Figures } from '#learning';
import { decodeHeader, FIGURES_ENCODING } from '#protocol';

import { Device } from './device.js';
import type { Evaluate } from './evaluate-round.js';
import { nodeHashes } from './node/node-hashes.js';
import { verifyCounted } from './log/index.js';
import type { Train } from './participate.js';
import type { Platform } from './platform.js';
import { TestStarling } from './starling.test-server.js';
import { Wallet } from './wallet.js';

const EVALUATION = { evaluation: { lossBound: 2 } };
const FED_BUFF = { strategy: '{"name":"FedBuff","maxStaleness":2}', weightLevels: [1000, 707, 577], batch: 6 };

let starling: TestStarling;
let platform: Platform;
let device: Device;
const start = async (changes: object = {}): Promise<void> => {
  starling = await TestStarling.start(changes);
  platform = starling.platform();
  device = await starling.device(platform);
};
beforeEach(() => start());
afterEach(() => starling.close());

const open = (slot: number, changes: object = {}): void =>
  starling.coordinator.open(starling.deployment.record(5, slot, changes));
const nudge: Train = ({ parameters }) => parameters.map((value) => value + 2 ** -10);
const neverTrain: Train = () => {
  throw new Error('it trained');
};
const finds =
  (figures: Figures | undefined): Evaluate =>
  () =>
    figures;
const HALF = { loss: 1, accuracy: 0.25 };

const payloads = (): Uint8Array[] => [...starling.intake.accepted.values()].map(({ payload }) => payload);
const modelsAsked = (): number =>
  starling.coordinator.http.requests.filter(({ path }) => path.startsWith('/v1/models/')).length;
async function used(): Promise<number[]> {
  const { tokens } = await Wallet.open(platform.store);
  return tokens.flatMap(({ slot, uses }) => (uses.length > 0 ? [slot] : []));
}

describe('a round that measures its model', () => {
  // Kills: an update in the place of figures; figures under the header of an update.
  it('[EVL7] is answered with two numbers, found on the round’s model, and nothing else', async () => {
    const model = starling.deployment.addModel(0.5);
    starling.deployment.modelDigest = model;
    open(0);
    starling.coordinator.publish([Uint8Array.of(1), Uint8Array.of(2)], model);
    open(1, EVALUATION);
    const seen: number[] = [];
    const evaluate: Evaluate = ({ parameters, round }) => {
      seen.push(parameters[0]!, round.epoch, round.slot);
      return HALF;
    };
    const result = await device.participate(neverTrain, { evaluate });
    expect(result).toMatchObject({ outcome: 'accepted', evaluated: true });
    expect(seen).toEqual([0.5, 5, 1]);
    expect(payloads()).toEqual([Uint8Array.of(500 & 255, 500 >> 8, 250, 0)]);
    const { header } = (await Wallet.open(platform.store)).sent[0]!;
    expect(decodeHeader(header)).toMatchObject({ encoding: FIGURES_ENCODING, weightLevel: 0, payloadLength: 4 });
    starling.coordinator.publishFigures([header, Uint8Array.of(7)]);
    const audited = await device.audit();
    expect(audited.map(({ outcome }) => outcome)).toEqual(['not_mine', 'counted']);
    const { proof } = audited[1]!;
    expect(verifyCounted((bytes) => nodeHashes.sha256(bytes), proof!)).toMatchObject({ holds: true, modelOut: null });
  });

  // Kills: a token marked, fetched or spent before it is known whether there is anything to say.
  it.each<[string, Evaluate | undefined]>([
    ['that cannot measure', undefined],
    ['that has no data to measure on', finds(undefined)],
  ])('[EVL7] is sat out by a device %s; its token stays whole', async (_name, evaluate) => {
    open(0, EVALUATION);
    const abilities = evaluate === undefined ? {} : { evaluate };
    const skipped = { outcome: 'skipped', reason: 'no_evaluation' };
    await expect(device.participate(neverTrain, abilities)).resolves.toEqual(skipped);
    expect([starling.intake.handshakes.length, await used()]).toEqual([0, []]);
    // It looks again and again while the round is open, and need not download again.
    await expect(device.participate(neverTrain, abilities)).resolves.toEqual(skipped);
    expect(modelsAsked()).toBe(evaluate === undefined ? 0 : 1);
    const again = await Device.enrol(starling.settings, platform);
    await expect(again.participate(neverTrain, { evaluate: finds(HALF) })).resolves.toMatchObject({ evaluated: true });
  });

  // Kills: asking the issuer for a token of a round that the device will sit out.
  it('[EVL7] makes nobody fetch a token who has nothing to say', async () => {
    const hasty = await Device.enrol({ ...starling.settings, neverFetchAndSpend: false }, starling.platform());
    const before = starling.issuer.issued;
    open(0, EVALUATION);
    await expect(hasty.participate(neverTrain)).resolves.toMatchObject({ reason: 'no_evaluation' });
    expect(starling.issuer.issued).toBe(before);
  });

  it.each<[string, Figures]>([
    ['NaN', { loss: NaN, accuracy: 0.5 }],
    ['an accuracy in percent', { loss: 1, accuracy: 92 }],
    ['a loss below 0', { loss: -1, accuracy: 0.5 }],
  ])('[EVL7] takes %s for no figures, and spends nothing', async (_name, figures) => {
    open(0, EVALUATION);
    const result = device.participate(neverTrain, { evaluate: finds(figures) });
    await expect(result).rejects.toMatchObject({ code: 'bad_evaluation' });
    expect([starling.intake.handshakes.length, await used()]).toEqual([0, []]);
  });

  // Kills: measuring again after a lost answer: another draw of lots under the same token.
  it('[EVL7] sends the very same figures again where an answer was lost, and measures once', async () => {
    open(0, EVALUATION);
    starling.intake.lose['submit:open'] = 100;
    let times = 0;
    const evaluate: Evaluate = () => {
      times += 1;
      return { loss: 0.1234567, accuracy: 0.7654321 };
    };
    await expect(device.participate(neverTrain, { evaluate })).rejects.toMatchObject({ code: 'unreachable' });
    starling.intake.lose['submit:open'] = 0;
    // Also where the app has lost its way to measure meanwhile.
    const again = await Device.enrol(starling.settings, platform);
    await expect(again.participate(neverTrain)).resolves.toMatchObject({ outcome: 'accepted' });
    expect([times, new Set(starling.intake.opened).size, payloads().length]).toEqual([1, 1, 1]);
  });
});

describe('an asynchronous task with rounds that measure', () => {
  beforeEach(async () => {
    await starling.close();
    await start(FED_BUFF);
    open(0);
  });

  // Kills: an update sent to a round that takes none of it; one that counts as a version, and makes everybody staler.
  it('[EVL10] what was trained goes to the next round that trains, and is no staler for the one between', async () => {
    let waits = 0;
    const publish = (): void =>
      starling.coordinator.publish([Uint8Array.of(1), Uint8Array.of(2)], starling.deployment.addModel(0.5));
    const sleep = async (): Promise<void> => {
      waits += 1;
      if (waits !== 2) return;
      starling.coordinator.publishFigures([Uint8Array.of(3), Uint8Array.of(4)]);
      open(2);
    };
    const patient = await Device.enrol(starling.settings, { ...platform, clock: { ...platform.clock, sleep } });
    const train: Train = (input) => {
      publish();
      open(1, EVALUATION);
      return nudge(input);
    };
    const result = await patient.participate(train, { evaluate: finds(HALF) });
    expect(result).toMatchObject({ outcome: 'accepted', staleness: 1 });
    expect(await used()).toEqual([2]);
  });

  it('[EVL10] a device that finds one measures, and has no weight but the first', async () => {
    open(1, EVALUATION);
    const result = await device.participate(neverTrain, { evaluate: finds(HALF) });
    expect(result).toMatchObject({ outcome: 'accepted', evaluated: true });
    expect(await used()).toEqual([1]);
  });
});
