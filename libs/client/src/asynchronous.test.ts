import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { decodeHeader, decodeInfo } from '#protocol';

import { Device } from './device.js';
import type { Train, TrainingInput } from './participate.js';
import type { Platform } from './platform.js';
import { TestStarling } from './starling.test-server.js';
import { Wallet } from './wallet.js';

const TASK = { strategy: '{"name":"FedBuff","maxStaleness":2}', weightLevels: [1000, 707, 577], batch: 6 };

let starling: TestStarling;
let platform: Platform;
let device: Device;
beforeEach(async () => {
  starling = await TestStarling.start(TASK);
  platform = starling.platform();
  device = await starling.device(platform);
  open(0);
});
afterEach(() => starling.close());

const nudge = ({ parameters }: TrainingInput): Float32Array => parameters.map((value) => value + 2 ** -10);
const open = (slot: number, changes: object = {}): void =>
  starling.coordinator.open(starling.deployment.record(5, slot, changes));
const publish = (version: number): void =>
  starling.coordinator.publish([Uint8Array.of(1), Uint8Array.of(2)], starling.deployment.addModel(version / 2));

/** Trains while all this happens. */
const meanwhile =
  (happens: () => void): Train =>
  (input) => {
    happens();
    return nudge(input);
  };

/** What the device's accepted updates were for, and how stale they said they were. */
async function sent(): Promise<{ slot: number; staleness: number }[]> {
  const { sent } = await Wallet.open(platform.store);
  return sent.map(({ header }) => {
    const { info, weightLevel } = decodeHeader(header);
    return { slot: decodeInfo(info).slot, staleness: weightLevel };
  });
}

/** Slots whose token has been used for anything. */
async function used(): Promise<number[]> {
  const { tokens } = await Wallet.open(platform.store);
  return tokens.flatMap(({ slot, uses }) => (uses.length > 0 ? [slot] : []));
}

const roundsAsked = (): number =>
  starling.coordinator.http.requests.filter(({ path }) => path.endsWith('/round')).length;

describe('a device whose rounds go on while it trains', () => {
  it('[ASY5] that is in time sends what it always sent', async () => {
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    expect(await sent()).toEqual([{ slot: 0, staleness: 0 }]);
  });

  // Kills: submitting with the token, or the record, of the round it began in; counting rounds and not versions.
  it('[ASY3] submits to the round that is open then, with its token and τ by the log', async () => {
    const late = meanwhile(() => {
      publish(1);
      open(1);
      open(2); // the one before is abandoned: no version
      publish(2);
      open(3);
    });
    await expect(device.participate(late)).resolves.toMatchObject({ outcome: 'accepted', staleness: 2 });
    expect(await sent()).toEqual([{ slot: 3, staleness: 2 }]);
    expect(await used()).toEqual([3]);
  });

  it('[ASY3] is not stale where the round it began in was abandoned', async () => {
    await device.participate(meanwhile(() => open(1)));
    expect(await sent()).toEqual([{ slot: 1, staleness: 0 }]);
  });

  // Kills: a level beyond the last, or the last one for all that are staler.
  it('[ASY3] keeps an update that is too stale to itself, spends nothing, and takes part again', async () => {
    const late = meanwhile(() => {
      for (const slot of [1, 2, 3]) {
        publish(slot);
        open(slot);
      }
    });
    await expect(device.participate(late)).resolves.toEqual({ outcome: 'skipped', reason: 'too_stale' });
    expect(starling.intake.handshakes).toHaveLength(0);
    expect(await used()).toEqual([]);
    await expect(device.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    expect(await sent()).toEqual([{ slot: 3, staleness: 0 }]);
  });

  it('[ASY4] waits for the next round where none is open', async () => {
    let waits = 0;
    const sleep = async (): Promise<void> => {
      waits += 1;
      if (waits === 3) open(1);
    };
    const patient = await Device.enrol(starling.settings, { ...platform, clock: { ...platform.clock, sleep } });
    await expect(patient.participate(meanwhile(() => publish(1)))).resolves.toMatchObject({ outcome: 'accepted' });
    expect(await sent()).toEqual([{ slot: 1, staleness: 1 }]);
  });

  it('[ASY4] does not wait for ever: after 30 looks it spends nothing and says so', async () => {
    const before = roundsAsked();
    const result = device.participate(meanwhile(() => publish(1)));
    await expect(result).resolves.toEqual({ outcome: 'skipped', reason: 'no_open_round' });
    expect(roundsAsked() - before).toBe(1 + 30);
    expect(await used()).toEqual([]);
  });

  // Kills: asking k_min, or for a token older than W, of the round it began in only.
  it.each([
    { name: 'a crowd', changes: { slot: 1, issued: 1 }, reason: 'too_few_tokens' },
    { name: 'a token', changes: { slot: 7 }, reason: 'no_token' },
  ])(
    '[ASY4] asks of the later round all that it asks of any: $name',
    async ({ changes: { slot, ...rest }, reason }) => {
      const asked = starling.issuer.http.requests.length;
      const late = meanwhile(() => {
        publish(1);
        open(slot, rest);
      });
      await expect(device.participate(late)).resolves.toEqual({ outcome: 'skipped', reason });
      expect(starling.intake.handshakes).toHaveLength(0);
      expect(starling.issuer.http.requests).toHaveLength(asked);
    },
  );

  // Kills: waiting U(0, W) and then looking: the look would tell the moment of the submission.
  it('[ASY4] looks before it waits U(0, W), and asks nothing from then on', async () => {
    await starling.close();
    starling = await TestStarling.start({ ...TASK, jitterMs: 60_000 });
    let now = Date.now();
    const slept: { ms: number; asked: number }[] = [];
    const sleep = async (ms: number): Promise<void> => void slept.push({ ms, asked: requests() });
    const requests = (): number => starling.coordinator.http.requests.length + starling.issuer.http.requests.length;
    device = await starling.device({ ...starling.platform(), clock: { now: () => now, sleep } });
    now += 70_000;
    open(0);
    slept.length = 0;
    await device.participate(
      meanwhile(() => {
        publish(1);
        open(1);
      }),
    );
    expect(slept).toEqual([{ ms: expect.any(Number), asked: requests() }]);
    expect(slept[0]!.ms).toBeGreaterThan(0);
  });

  it('[ASY8] that dies between training and submitting trains anew for the round of then: no token is wasted', async () => {
    const dies = device.participate(() => {
      throw new Error('killed');
    });
    await expect(dies).rejects.toThrow('killed');
    publish(1);
    open(1);
    const restarted = await Device.enrol(starling.settings, platform);
    await expect(restarted.participate(nudge)).resolves.toMatchObject({ outcome: 'accepted' });
    expect(await sent()).toEqual([{ slot: 1, staleness: 0 }]);
    expect(await used()).toEqual([1]);
  });

  // Kills: training again, or another τ, for a token that was marked.
  it('[ASY8] that dies after marking sends the very same update again, stale as it was', async () => {
    const unreachable: Platform['connect'] = () => Promise.reject(new Error('no route'));
    const dying = await Device.enrol(starling.settings, { ...platform, connect: unreachable });
    const late = meanwhile(() => {
      publish(1);
      open(1);
    });
    await expect(dying.participate(late)).rejects.toMatchObject({ code: 'unreachable' });
    const restarted = await Device.enrol(starling.settings, platform);
    const mustNotTrain: Train = () => {
      throw new Error('trained again');
    };
    await expect(restarted.participate(mustNotTrain)).resolves.toMatchObject({ outcome: 'accepted' });
    expect(await sent()).toEqual([{ slot: 1, staleness: 1 }]);
  });

  it('[ASY3] leaves the weight to no training', async () => {
    const heavy: Train = (input) => ({ parameters: nudge(input), weightLevel: 1 });
    await expect(device.participate(heavy)).rejects.toMatchObject({ code: 'bad_training' });
  });
});

describe('a device of a synchronous task', () => {
  it('[ASY5] stays with the round it began in, and looks once', async () => {
    await starling.close();
    starling = await TestStarling.start();
    platform = starling.platform();
    device = await starling.device(platform);
    open(0);
    const before = roundsAsked();
    const late = meanwhile(() => {
      publish(1);
      open(1);
    });
    await expect(device.participate(late)).resolves.toMatchObject({ outcome: 'refused', code: 'stale_model' });
    expect(roundsAsked() - before).toBe(1);
    expect(await used()).toEqual([0]);
  });
});
