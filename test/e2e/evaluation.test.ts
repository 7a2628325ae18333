import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';

import { auditLog, Device, type Evaluate, type Participation, type Train } from '#client';
import { nodePlatform, type NodePlatform } from '#client/node';
import type { CrashPoint } from '#crash-point';
import { decodeLogLeaf, type LogLeaf, type MetricsView, type ModelView, type RoundView } from '#protocol';

import { awaitOpenRound } from '../fixtures/submission.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { eventually } from '../fixtures/patience.js';

const BOUND = 4;
const DEVICES = 4;
/** In thousandths, so that rounding by lot has nothing to draw; the last device has no data to measure on. */
const FIGURES = [
  { loss: 0.5 * BOUND, accuracy: 0.923 },
  { loss: 0.004 * BOUND, accuracy: 1 },
  { loss: 2 * BOUND, accuracy: 0.001 },
];
/** Sums of thousandths; the third loss counts as the bound. */
const SUMS = { lossSum: 500 + 4 + 1000, accuracySum: 923 + 1000 + 1 };
const MEAN = { loss: (SUMS.lossSum * BOUND) / 3000, accuracy: SUMS.accuracySum / 3000, devices: 3 };

let starling: TestStarling;
let deploymentKey: string;
let useCase: string;
const platforms: NodePlatform[] = [];
const devices: Device[] = [];

beforeAll(async () => {
  starling = await startStarling({ crashTest: true });
  const { issuer, coordinator, intake, researcher, directory } = starling;
  const signingKey = await readFile(join(directory, 'signing.key'));
  deploymentKey = Buffer.from(ed25519.getPublicKey(signingKey)).toString('hex');
  ({ useCase } = await researcher.createUseCase({ kMin: 2, strategy: { name: 'FedAvgM' } }));
  const code = await researcher.enrolmentCode(useCase, DEVICES);
  for (let i = 0; i < DEVICES; i++) {
    platforms.push(nodePlatform());
    devices.push(await Device.enrol({ issuer, coordinator, intake, useCase, code, deploymentKey }, platforms[i]!));
    await devices[i]!.prefetch({ slots: 8 });
  }
}, 120_000);
afterAll(async () => {
  for (const platform of platforms) platform.close();
  await starling.stop();
});

const nudge: Train = ({ parameters }) => parameters.map((value) => value + 2 ** -4);

/** Which models devices were given to measure: their first parameter. */
const measured: number[] = [];
const evaluateOf =
  (i: number): Evaluate =>
  ({ parameters }) => {
    measured.push(parameters[0]!);
    return FIGURES[i];
  };

const takePart = (): Promise<Participation[]> =>
  Promise.all(devices.map((device, i) => device.participate(nudge, { evaluate: evaluateOf(i) })));

async function train(): Promise<RoundView> {
  const [id] = await starling.researcher.startRounds(useCase, { min: DEVICES, target: DEVICES });
  await awaitOpenRound(starling.coordinator, useCase);
  expect((await takePart()).map(({ outcome }) => outcome)).toEqual(Array.from({ length: DEVICES }, () => 'accepted'));
  return starling.researcher.awaitRound(id!, 'published');
}

async function evaluation(wish: object = {}): Promise<{ round: string; version: number; warnings: string[] }> {
  const plan = { min: 3, target: 3, lossBound: BOUND, ...wish };
  const answer = await starling.researcher.call(`/use-cases/${useCase}/evaluations`, plan);
  expect(answer.status).toBe(201);
  return answer.json as { round: string; version: number; warnings: string[] };
}

const models = async (): Promise<ModelView[]> =>
  (await starling.researcher.call(`/models?useCase=${useCase}`)).json as ModelView[];

async function leaves(): Promise<LogLeaf[]> {
  const { rows } = await starling.database.admin.query<{ leaf: Uint8Array }>(
    'select leaf from log.entry order by position',
  );
  return rows.map(({ leaf }) => decodeLogLeaf(leaf));
}

const audit = () =>
  auditLog(
    { ...platforms[0]!, http: platforms[0]!.http.coordinator },
    { coordinator: starling.coordinator, deploymentKey },
  );

describe('devices measure a model', () => {
  // Kills: a mean of what came first; figures summed with the task's weights, grid or optimizer; a result that a crash doubles.
  it('[EVL1] a round that measures publishes the exact mean of what devices found, wherever the worker dies', async () => {
    const trained = await train();
    expect(trained.evaluates).toBeNull();
    const points: CrashPoint[] = ['worker-partials-read', 'worker-publishing', 'worker-published'];
    for (const point of points) {
      const { round, version, warnings } = await evaluation();
      expect([version, warnings]).toEqual([1, []]);
      await awaitOpenRound(starling.coordinator, useCase);
      await starling.crashAt('worker', point);
      const accepted = expect.objectContaining({ outcome: 'accepted', evaluated: true });
      const skipped = { outcome: 'skipped', reason: 'no_evaluation' };
      expect(await takePart()).toEqual([accepted, accepted, accepted, skipped]);
      const view = await starling.researcher.awaitRound(round, 'published', 60_000);
      expect(view).toMatchObject({ evaluates: 1, baseVersion: 1, modelOut: null, accepted: 3, onDevices: MEAN });
      await eventually('the worker died there', async () => !starling.awaitsCrash('worker'), { withinMs: 10_000 });
    }
    expect(new Set(measured)).toEqual(new Set([Math.fround(0.063)]));
  }, 180_000);

  // Kills: a published round that counts as a model version, or as a step of the optimizer.
  it('[EVL2] it makes no model version: the next round begins where the last one that trained ended', async () => {
    expect((await models()).map(({ version }) => version)).toEqual([1, 0]);
    const next = await train();
    expect(next.baseVersion).toBe(1);
    expect((await models())[0]).toMatchObject({ version: 2, parent: 1, digest: next.modelOut, onDevices: null });
  }, 60_000);

  // Kills: the newest model measured, whichever was asked for; a log that does not say so before the round opens.
  it('[EVL3] any version can be measured; the log says which before the round opens', async () => {
    const { round, version } = await evaluation({ version: 0 });
    expect(version).toBe(0);
    await awaitOpenRound(starling.coordinator, useCase);
    measured.length = 0;
    await takePart();
    expect(measured).toEqual([0, 0, 0, 0]);
    await starling.researcher.awaitRound(round, 'published');
    expect((await models()).map(({ onDevices }) => onDevices)).toEqual([null, MEAN, MEAN]);
    await eventually('it is in the log', async () => (await leaves()).at(-1)!.kind === 'evaluation', {
      withinMs: 5000,
    });
    const kinds = (await leaves()).map(({ kind }) => kind);
    expect(kinds.slice(-4)).toEqual(['result', 'restart', 'round', 'evaluation']);
    expect((await leaves()).at(-1)).toMatchObject({ accepted: 3, ...SUMS });
    expect((await audit()).problems).toEqual([]);
    const outcomes = (await devices[0]!.audit()).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => 'counted'));
    expect((await train()).baseVersion).toBe(2);
  }, 60_000);

  it('[EVL4] its figures are in the metrics beside the server’s', async () => {
    const { json } = await starling.researcher.call(`/use-cases/${useCase}/metrics`);
    const { rounds } = json as MetricsView;
    const figures = rounds.map(({ evaluates, version, onDevices, updateNorms }) => [
      evaluates,
      version,
      onDevices,
      updateNorms === null,
    ]);
    expect(figures).toEqual([
      [null, 1, null, false],
      [1, null, MEAN, true],
      [1, null, MEAN, true],
      [1, null, MEAN, true],
      [null, 2, null, false],
      [0, null, MEAN, true],
      [null, 3, null, false],
    ]);
  });
});
