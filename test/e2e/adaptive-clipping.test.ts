import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';

import { Device, MemoryTokenStore } from '#client';
import { nodePlatform, type NodePlatform } from '#client/node';
import type { CrashPoint } from '#crash-point';
import {
  addDiscreteGaussian,
  changeToGrid,
  decodeSafetensors,
  discreteGaussian,
  ExactSum,
  fedAvg,
  gaussianEpsilon,
  RandomCoins,
  seededBytes,
  sensitivity,
  toDeviation,
} from '#learning';
import { decodeRoundRecord, type Manifest, type MetricsView, type RoundView } from '#protocol';

import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { sha256 } from '../fixtures/device.js';
import { codeOf } from '../fixtures/http.js';
import { eventually } from '../fixtures/patience.js';
import { LAYOUT } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, submit, told } from '../fixtures/submission.js';

const DIMENSION = 64;
const SCALE = 1000;
/** What updates are long: 3.5 cuts them in halves. */
const NORMS = [1, 2, 3, 4, 5, 6];
const DEVICES = NORMS.length;
const FIRST_CLIP = 16;
const CLIPPING = { targetUnclipped: 0.5, learningRate: 1, countNoise: 1.5 };
const PRIVACY = { noiseMultiplier: 1, delta: 1e-5, epsilonMax: 100 };
/** One round dies at each of these, the others at none. */
const DEATHS: readonly CrashPoint[] = ['worker-model-made', 'worker-publishing'];
const ROUNDS = 6;
/** It is aborted when its updates are in. */
const ABORTED = 3;

let starling: TestStarling;
const platforms: NodePlatform[] = [];
beforeAll(async () => {
  starling = await startStarling({ crashTest: true });
}, 120_000);
afterAll(async () => {
  for (const platform of platforms) platform.close();
  await starling.stop();
});

/** Real devices, each of which goes as far as its norm says along a coordinate of its own. */
async function contributors(useCase: string): Promise<(() => Promise<unknown>)[]> {
  const { issuer, coordinator, intake, researcher, directory } = starling;
  const signingKey = await readFile(join(directory, 'signing.key'));
  const deploymentKey = Buffer.from(ed25519.getPublicKey(signingKey)).toString('hex');
  const code = await researcher.enrolmentCode(useCase, DEVICES);
  return Promise.all(
    NORMS.map(async (_, i) => {
      const platform = { ...nodePlatform(), store: new MemoryTokenStore([]) };
      platforms.push(platform);
      const device = await Device.enrol({ issuer, coordinator, intake, useCase, code, deploymentKey }, platform);
      await device.prefetch({ slots: ROUNDS });
      return () => device.participate(({ parameters }) => trained(parameters, i));
    }),
  );
}

function trained(parameters: Float32Array, device: number): Float32Array {
  const after = parameters.slice();
  after[device]! += NORMS[device]!;
  return after;
}

async function parametersOf(digest: string | null): Promise<Float32Array> {
  const answer = await fetch(`${starling.coordinator}/v1/models/${digest}`);
  return decodeSafetensors(new Uint8Array(await answer.arrayBuffer()))[0]!.data;
}

/** All that follows from a round's seed, worked out here as the paper says it. */
function releaseOf(before: Float32Array, clip: number, seed: Uint8Array) {
  const { noiseMultiplier } = PRIVACY;
  const { countNoise, learningRate, targetUnclipped } = CLIPPING;
  const grid = { scale: SCALE, clip };
  const sum = new ExactSum(grid, DIMENSION);
  for (let i = 0; i < DEVICES; i++) sum.add(changeToGrid(trained(before, i), before, grid), 1);
  const sumSigma = 1 / Math.sqrt(1 / noiseMultiplier ** 2 - 1 / (2 * countNoise) ** 2);
  const deviation = toDeviation(sumSigma * sensitivity(grid, DIMENSION));
  addDiscreteGaussian(sum.values, { deviation, bytesOf: (block) => seededBytes(seed, 'noise', block) });
  const after = [...fedAvg(sum.values, DEVICES, grid)].map((value, j) => Math.fround(before[j]! + value));

  const within = NORMS.filter((norm) => norm <= clip).length;
  const coins = new RandomCoins(seededBytes(seed, 'bits'));
  const unclipped = (within + discreteGaussian(coins, toDeviation(2 * countNoise)) / 2) / DEVICES;
  const next = clip * Math.exp(-learningRate * (unclipped - targetUnclipped));
  return { after, sumSigma, unclipped, nextClip: Math.round(next * 1e6) / 1e6 };
}

describe('a task whose clip adapts', () => {
  let manifest: Manifest;
  let published: RoundView[];
  let clips: number[];

  const seedOf = (round: number): Uint8Array => sha256(Uint8Array.of(28, round));

  // Kills: the wrong sign; bits that nobody, or everybody, sends; a clip drawn anew after a crash, or that an aborted
  // round moves; noise of the first clip, or of the sum alone; devices and intake with different clips.
  it('[DPR41] follows the norms of its updates, by the noise of each round’s seed, whenever the worker dies', async () => {
    const { researcher, coordinator } = starling;
    const privacy = { ...PRIVACY, clipping: CLIPPING };
    manifest = await researcher.createUseCase({ scale: SCALE, clip: FIRST_CLIP, kMin: 2, batch: 8, privacy });
    expect(manifest.weightLevels).toEqual([1, 1]);
    expect(JSON.parse(manifest.strategy)).toEqual({
      name: 'FedAvg',
      privacy: { ...PRIVACY, clipping: { ...CLIPPING, minClip: 0.16, maxClip: 1600 } },
    });
    const devices = await contributors(manifest.useCase);
    const [cheat] = (await enrolCohort(starling, manifest, 1, { slots: [1] })) as [Member];
    const ids = await researcher.startRounds(manifest.useCase, { count: ROUNDS, min: DEVICES, target: DEVICES });
    published = [];
    clips = [FIRST_CLIP];
    let before = new Float32Array(DIMENSION);
    for (const [i, id] of ids.entries()) {
      const open = await awaitOpenRound(coordinator, manifest.useCase);
      const clip = decodeRoundRecord(open.record).clipMicros! / 1e6;
      expect([i, open.roundId, clip]).toEqual([i, id, clips.at(-1)]);
      await starling.database.admin.query('insert into rounds.noise (round_id, seed) values ($1, $2)', [id, seedOf(i)]);
      if (i === 1) {
        // Within the first clip, and not within this round's.
        const long = payloadOf(Array.from({ length: DIMENSION }, () => (FIRST_CLIP * SCALE) / 9));
        const sent = prepare(open, cheat.tokens[0]!, long, { weightLevel: 1 });
        expect(told(await submit(starling.intake, sent))).toBe('norm_exceeded');
      }
      const deaths = starling.ends('worker').length;
      const dying = DEATHS[i];
      if (dying !== undefined) await starling.crashAt('worker', dying);
      const part = i === ABORTED ? devices.slice(1) : devices;
      const results = await Promise.all(part.map((takePart) => takePart()));
      expect(results).toEqual(part.map(() => expect.objectContaining({ outcome: 'accepted' })));
      if (i === ABORTED) {
        await researcher.abort(id);
        continue;
      }
      const round = await researcher.awaitRound(id, 'published', 60_000);
      expect(starling.ends('worker').length - deaths).toBe(dying === undefined ? 0 : 1);
      const { after, unclipped, nextClip } = releaseOf(before, clip, seedOf(i));
      expect([...(await parametersOf(round.modelOut))]).toEqual(after);
      expect(round).toMatchObject({ clip, unclipped });
      before = Float32Array.from(after);
      clips.push(nextClip);
      published.push(round);
    }
    expect(clips).toHaveLength(ROUNDS);
    const last = clips.at(-1)!;
    // From 16 to where about half of the updates are longer.
    expect(last).toBeGreaterThan(2);
    expect(last).toBeLessThan(5);
  }, 180_000);

  // Kills: noise on the bits that costs nothing: the sum's is then σ, and both together less than the ledger says.
  it('[DPR42] the ledger’s σ is that of sum and bits together, and each row says both', async () => {
    const { rows } = await starling.database.admin.query<Record<string, unknown>>(
      `select round_id, sigma, sum_sigma, count_noise, sensitivity, unclipped, next_clip_micros::float8 / 1e6 as next_clip, epsilon
         from rounds.release where use_case = $1 order by released_at`,
      [manifest.useCase],
    );
    expect(rows).toEqual(
      published.map(({ id, clip, unclipped }, i) => ({
        round_id: id,
        sigma: PRIVACY.noiseMultiplier,
        sum_sigma: expect.closeTo((1 - 1 / 9) ** -0.5, 12),
        count_noise: CLIPPING.countNoise,
        sensitivity: clip! * SCALE + Math.sqrt(DIMENSION) / 2,
        unclipped,
        next_clip: clips[i + 1],
        epsilon: expect.closeTo(gaussianEpsilon({ sigma: 1, count: i + 1 }, PRIVACY.delta), 9),
      })),
    );
    const answer = await starling.researcher.call(`/use-cases/${manifest.useCase}/metrics`);
    const metrics = (answer.json as MetricsView).rounds.filter(({ state }) => state === 'published');
    expect(metrics.map(({ clip, unclipped }) => [clip, unclipped])).toEqual(
      published.map(({ clip, unclipped }) => [clip, unclipped]),
    );
  });

  // Kills: the exact number of bits kept for ever, beside the noise that hides it.
  it('[DPR43] whose update was within the clip is kept no longer than the update', async () => {
    expect(published).toHaveLength(ROUNDS - 1);
    const left = async (): Promise<number[]> => {
      const { rows } = await starling.database.admin.query<{ n: number }>(
        `select count(*)::int as n from rounds.frozen where weight_level <> 0
         union all select count(*)::int from intake.submission where weight_level <> 0`,
      );
      return rows.map(({ n }) => n);
    };
    await eventually('the bits are gone', async () => (await left()).join() === '0,0', { withinMs: 30_000 });
    expect(await left()).toEqual([0, 0]);
  });

  // Kills: a clip that follows the newest result where the model does not.
  it('[DPR44] a round that begins with an older version begins with the clip that this version led to', async () => {
    const { researcher, coordinator } = starling;
    await researcher.startRounds(manifest.useCase, { from: 2, min: DEVICES, target: DEVICES });
    const open = await awaitOpenRound(coordinator, manifest.useCase);
    expect(decodeRoundRecord(open.record).clipMicros! / 1e6).toBe(clips[2]);
    expect((await researcher.round(open.roundId)).clip).toBe(clips[2]);
    await researcher.abort(open.roundId);
  });

  it('[DPR45] what cannot work is refused in a sentence when the task is made', async () => {
    const { researcher } = starling;
    const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
    const draft = { id: 'refused', title: 'A test', layout: LAYOUT, initialModel, scale: SCALE, clip: 10 };
    const withClipping = (clipping: unknown, more: object = {}) =>
      researcher.call('/use-cases', { ...draft, privacy: { ...PRIVACY, noiseMultiplier: 2, clipping }, ...more });
    const refused: readonly (readonly [clipping: unknown, words: string, more?: object])[] = [
      [{ minClip: 11 }, 'The first clip, 10, must lie between minClip and maxClip.'],
      [{ maxClip: 9 }, 'The first clip, 10, must lie between'],
      [{ maxClip: 67_109 }, 'maxClip must be at most 67108.864 on this grid.'],
      [{ countNoise: 1.9 }, 'countNoise must be at least the noise multiplier, 2'],
      ['adaptive', 'FedBuff and adaptive clipping exclude each other', { strategy: { name: 'FedBuff' } }],
      ['adaptive', 'With privacy every update weighs 1', { weightLevels: [1, 1] }],
    ];
    for (const [clipping, words, more] of refused) {
      const answer = await withClipping(clipping, more);
      expect([words, codeOf(answer)]).toEqual([words, 'bad_strategy']);
      expect(answer.text).toContain(words);
    }
    expect((await withClipping('adaptive', { encoding: 'int8', scale: 12 })).status).toBe(201);
  });
});
