import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { decodeInt32LE, l2Norm, type EncodingChoice } from '#learning';
import { decodeHeader, ENCODING, encodingFields, strategyText, type Manifest } from '#protocol';

import type { Device } from './device.js';
import type { Train } from './participate.js';
import type { Platform } from './platform.js';
import { isWithinClip } from './prepare-submission.js';
import { TestStarling } from './starling.test-server.js';
import { Wallet } from './wallet.js';

const CLIPPING = { targetUnclipped: 0.5, learningRate: 0.2, countNoise: 1, minClip: 0.1, maxClip: 1 };
const TASK = {
  strategy: strategyText({ name: 'FedAvg' }, { noiseMultiplier: 1, clipping: CLIPPING }),
  weightLevels: [1, 1],
};

let starling: TestStarling;
let platform: Platform;
let device: Device;
beforeEach(async () => {
  starling = await TestStarling.start(TASK);
  platform = starling.platform();
  device = await starling.device(platform);
});
afterEach(() => starling.close());

/** As far as this along one coordinate. */
const goes =
  (norm: number): Train =>
  ({ parameters }) => {
    parameters[3]! += norm;
    return parameters;
  };
const open = (slot: number, clipMicros: number | undefined): void =>
  starling.coordinator.open(starling.deployment.record(5, slot, { clipMicros }));

/** What its accepted updates said of themselves, and how long they are. */
async function sent(): Promise<{ slot: number; bit: number; norm: number }[]> {
  const payloads = [...starling.intake.accepted.values()].map(({ payload }) => payload);
  const { sent } = await Wallet.open(platform.store);
  return sent.map(({ header }, i) => ({
    slot: i,
    bit: decodeHeader(header).weightLevel,
    norm: l2Norm(Float64Array.from(decodeInt32LE(payloads[i]!))) / starling.deployment.manifest.scale,
  }));
}

describe('a device of a task whose clip adapts', () => {
  // Kills: the manifest's clip for every round; a bit of what is left after clipping, which is always within the clip.
  it('[DPR46] clips to what the round’s record says, and says whether it had to', async () => {
    for (const [slot, clipMicros, norm] of [
      [0, 500_000, 0.75],
      [1, 1_000_000, 0.75],
      [2, 750_000, 0.75],
    ] as const) {
      // prettier-ignore
      open(slot, clipMicros);
      await expect(device.participate(goes(norm))).resolves.toMatchObject({ outcome: 'accepted' });
    }
    expect(await sent()).toEqual([
      { slot: 0, bit: 0, norm: 0.5 },
      { slot: 1, bit: 1, norm: 0.75 },
      { slot: 2, bit: 1, norm: 0.75 },
    ]);
  });

  it('[DPR46] leaves its training no say in the bit', async () => {
    open(0, 500_000);
    const lies: Train = ({ parameters }) => ({ parameters, weightLevel: 1 });
    await expect(device.participate(lies)).rejects.toMatchObject({ code: 'bad_training' });
  });

  // Kills: a clip so small that next to nothing of an update is left, or so large that its noise drowns all, for one round.
  it.each([undefined, 99_999, 1_000_001])('[DPR46] believes no record with a clip of %p', async (clipMicros) => {
    open(0, clipMicros);
    await expect(device.participate(goes(0.5))).rejects.toMatchObject({ code: 'bad_round' });
    expect(starling.intake.handshakes).toHaveLength(0);
  });

  it.each<EncodingChoice>(['int32', 'int16', { topK: 2 }])('[DPR46] measures in %j what is clipped', (encoding) => {
    const manifest: Manifest = { ...starling.deployment.manifest, ...encodingFields(encoding), scale: 100 };
    const record = { clipMicros: 500_000 } as Parameters<typeof isWithinClip>[2]['record'];
    const before = new Float32Array(1010);
    const after = before.slice();
    after.set([0.3, -0.375, 0.25]);
    expect(isWithinClip(after, before, { manifest, record })).toBe(manifest.encoding === ENCODING.topK);
    after[1] = -0.45;
    expect(isWithinClip(after, before, { manifest, record })).toBe(false);
  });
});

describe('a device of a task whose clip is fixed', () => {
  it('[DPR46] believes no record that says another', async () => {
    const fixed = await TestStarling.start();
    try {
      const device = await fixed.device();
      fixed.coordinator.open(fixed.deployment.record(5, 0, { clipMicros: 1_000_000 }));
      await expect(device.participate(goes(0.5))).rejects.toMatchObject({ code: 'bad_round' });
    } finally {
      await fixed.close();
    }
  });
});
