import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';

import { auditLog, Device, type Evaluate, type Participation, type Train } from '#client';
import { nodePlatform, type NodePlatform } from '#client/node';
import type { CrashPoint } from '#crash-point';
import { addDiscreteGaussian, FIGURES_SENSITIVITY, gaussianEpsilon, seededBytes, toDeviation } from '#learning';
import {
  decodeLogLeaf,
  ENCODING,
  FIGURES_ENCODING,
  type LogLeaf,
  type MetricsView,
  type ModelView,
  type RoundView,
} from '#protocol';

import { enrolCohort } from '../fixtures/cohort.js';
import type { Token } from '../fixtures/device.js';
import { codeOf } from '../fixtures/http.js';
import { eventually } from '../fixtures/patience.js';
import { pick, type UseCaseWish } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, prepare, receiptOf, submit, told } from '../fixtures/submission.js';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
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
    // What no signed head covers yet is left for later.
    const outcomes: string[] = [];
    await eventually(
      'heads cover all six',
      async () => outcomes.push(...(await devices[0]!.audit()).map(({ outcome }) => outcome)) >= 6,
      { withinMs: 10_000 },
    );
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

describe('figures on their way in', () => {
  const GRID = { scale: 1000, clip: 10 };
  const pair = (loss: number, accuracy: number): Uint8Array => new Uint8Array(Uint16Array.of(loss, accuracy).buffer);
  const figures = { encoding: FIGURES_ENCODING };

  /** A round that measures, of a task of its own, and a submission of each of its devices. */
  async function measuring(wish: UseCaseWish, size: number) {
    const { researcher, coordinator } = starling;
    const manifest = await researcher.createUseCase({ ...GRID, ...wish, slots: 2 });
    const members = await enrolCohort(starling, manifest, size, { slots: [0, 1] });
    const start = (plan: object) => researcher.call(`/use-cases/${manifest.useCase}/evaluations`, plan);
    const round = pick<string>(await start({ min: 3, target: 3, lossBound: BOUND }), 'round');
    const open = await awaitOpenRound(coordinator, manifest.useCase);
    const tokens = members.map((member) => member.tokens[0]!);
    return { manifest, members, start, round, open, tokens };
  }

  // Kills: intake that takes an evaluation for a training round, or the other way round; a reading with sign; figures
  // weighed like updates, summed by the task's strategy, or on its grid.
  it('[EVL8] are taken in no other form, and in no other round; each counts 1, whatever the strategy', async () => {
    const { researcher, coordinator, intake } = starling;
    const wish = { strategy: { name: 'FedMedian' }, encoding: 'int8' as const, scale: 12, weightLevels: [3, 5] };
    const { manifest, members, round, open, tokens } = await measuring(wish, 5);
    const send = async (token: Token, payload: Uint8Array, forge: Parameters<typeof prepare>[3]): Promise<string> =>
      told(await submit(intake, prepare(open, token, payload, forge)));
    const refused: readonly (readonly [Uint8Array, Parameters<typeof prepare>[3], string])[] = [
      [new Uint8Array(64), { encoding: ENCODING.int8 }, 'unsupported_encoding'],
      [pair(1, 1), { encoding: ENCODING.int16 }, 'unsupported_encoding'],
      [pair(1, 1), { ...figures, weightLevel: 1 }, 'unsupported_encoding'],
      [pair(1, 1), { ...figures, mode: 1 }, 'unsupported_encoding'],
      [new Uint8Array(0), figures, 'wrong_length'],
      [new Uint8Array(6), figures, 'wrong_length'],
      [new Uint8Array(64), figures, 'wrong_length'],
      [pair(1001, 0), figures, 'out_of_range'],
      [pair(0, 65_535), figures, 'out_of_range'],
    ];
    for (const [payload, forge, code] of refused) expect(await send(tokens[3]!, payload, forge)).toBe(code);
    const honest = [pair(1, 1000), pair(500, 0), pair(1000, 3)].map((payload, i) => [tokens[i]!, payload] as const);
    // Its token is still good, and the third wrong body spends it.
    expect(await send(tokens[3]!, pair(1001, 0), figures)).toBe('out_of_range');
    expect(await send(tokens[3]!, pair(1, 0), figures)).toBe('token_spent');
    for (const [token, payload] of honest) {
      const sent = prepare(open, token, payload, figures);
      expect(told(await submit(intake, sent))).toBe(receiptOf(sent));
      expect(told(await submit(intake, sent))).toBe(receiptOf(sent));
    }
    const view = await researcher.awaitRound(round, 'published');
    expect(view.onDevices).toEqual({ loss: (1501 * BOUND) / 3000, accuracy: 1003 / 3000, devices: 3 });

    await researcher.startRounds(manifest.useCase, { min: 1, target: 5 });
    const training = await awaitOpenRound(coordinator, manifest.useCase);
    const submission = prepare(training, members[0]!.tokens[1]!, pair(1, 1), figures);
    expect(told(await submit(intake, submission))).toBe('unsupported_encoding');
  }, 60_000);

  // Kills: figures of a private task without noise, with the noise of its updates, or outside of its budget.
  it('[EVL9] of a private task get noise of their own, and a row in the ledger', async () => {
    const { researcher, database, intake } = starling;
    const privacy = { noiseMultiplier: 2, delta: 1e-5, epsilonMax: 3.3 };
    const { round, open, tokens, start } = await measuring({ privacy }, 3);
    const costs = [1, 2, 3].map((count) => gaussianEpsilon({ sigma: 2, count }, privacy.delta));
    const fits = costs.filter((epsilon) => epsilon <= privacy.epsilonMax).length;
    const [wish, warned] = [{ min: 3, target: 3 }, expect.stringMatching(/moves the mean accuracy by 94 points/)];
    for (let more = 1; more < fits; more++) expect((await start(wish)).json).toMatchObject({ warnings: [warned] });
    expect(codeOf(await start(wish))).toBe('budget_spent');
    await starling.crashAt('worker', 'worker-publishing');
    let seed: Uint8Array | undefined;
    const seen = (async () => {
      while (seed === undefined)
        seed = (await database.admin.query<{ seed: Uint8Array }>('select seed from rounds.noise')).rows[0]?.seed;
    })();
    for (const token of tokens) await submit(intake, prepare(open, token, pair(500, 900), figures));
    const [view] = await Promise.all([researcher.awaitRound(round, 'published', 60_000), seen]);
    const sums = Float64Array.of(1500, 2700);
    const deviation = toDeviation(privacy.noiseMultiplier * FIGURES_SENSITIVITY);
    addDiscreteGaussian(sums, { deviation, bytesOf: (block) => seededBytes(seed!, 'noise', block) });
    const [loss, accuracy] = [...sums].map((sum) => Math.min(3000, Math.max(0, sum)));
    expect(view.onDevices).toEqual({ loss: (loss! * BOUND) / 3000, accuracy: accuracy! / 3000, devices: 3 });
    expect(view.epsilon).toBeCloseTo(costs[0]!, 9);
    const { rows } = await database.admin.query('select sensitivity from rounds.release where round_id = $1', [round]);
    expect(rows).toEqual([{ sensitivity: FIGURES_SENSITIVITY }]);
  }, 60_000);
});

describe('starling evaluate', () => {
  const run = (...args: string[]): Promise<{ code: number; out: string; error: string }> =>
    new Promise((resolve) => {
      const { coordinator: url, researcher } = starling;
      const env = { PATH: process.env['PATH'], STARLING_URL: url, STARLING_API_KEY: researcher.apiKey };
      const child = execFile(process.execPath, [MAIN, ...args], { env }, (_, out, error) =>
        resolve({ code: child.exitCode ?? -1, out, error }),
      );
    });

  it('[EVL12] starts such a round and shows what came of the others; retried, it measures the same version', async () => {
    const started = await run('evaluate', useCase, '--version', '1', '--min', '3', '--json');
    const { round, version } = JSON.parse(started.out) as { round: string; version: number };
    expect([started.code, version]).toEqual([0, 1]);
    await starling.researcher.abort(round);
    const retried = (await starling.researcher.call(`/rounds/${round}/retry`, {})).json as RoundView;
    expect(retried).toMatchObject({ evaluates: 1, retryOf: round });
    await starling.researcher.abort(retried.id);
    const shown = await run('round', 'show', '4', '--use-case', useCase);
    expect(shown.out).toMatch(
      /measures +version 1\n[^]*accuracy on devices +64\.1 % \(mean of 3\)\nloss on devices +2\.0053/,
    );
    expect((await run('round', 'list', '--use-case', useCase)).out).toMatch(/ON DEVICES[^]*64\.1 %/);
  }, 60_000);

  it('[EVL12] is refused where it cannot work', async () => {
    const { researcher } = starling;
    const plan = { min: 3, target: 3 };
    const start = async (wish: object, of = useCase) =>
      codeOf(await researcher.call(`/use-cases/${of}/evaluations`, { ...plan, ...wish }));
    expect(await start({ version: 99 })).toBe('not_found');
    expect(await start({}, 'nobody')).toBe('unknown_use_case');
    for (const wish of [
      { min: 1 },
      { target: 2 },
      { lossBound: 0 },
      { deadlineSeconds: 3600 },
      { count: 2 },
      { from: 1 },
    ])
      expect([wish, await start(wish)]).toEqual([wish, 'malformed_message']);
    expect(await run('evaluate', useCase, '--min', '3', '--target', '2')).toMatchObject({ code: 2, out: '' });
    expect(await run('evaluate', useCase, '--min', '3', '--version', '99')).toMatchObject({
      code: 1,
      error: expect.stringContaining('no model version 99'),
    });
  }, 60_000);
});
