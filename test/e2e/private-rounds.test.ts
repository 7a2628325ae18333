import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { CrashPoint } from '#crash-point';
import {
  addDiscreteGaussian,
  decodeSafetensors,
  ExactSum,
  fedAvg,
  gaussianEpsilon,
  seededBytes,
  sensitivity,
  toDeviation,
} from '#learning';
import type { Manifest, RoundView } from '#protocol';

import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { random } from '../fixtures/device.js';
import { codeOf } from '../fixtures/http.js';
import { eventually } from '../fixtures/patience.js';
import { LAYOUT } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told } from '../fixtures/submission.js';

const DEVICES = 3;
const DIMENSION = 64;
const GRID = { scale: 1000, clip: 10 };
const PRIVACY = { noiseMultiplier: 4, delta: 1e-5, epsilonMax: 3 };

let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling({ crashTest: true });
}, 120_000);
afterAll(() => starling.stop());

const valuesOf = (device: number): number[] =>
  Array.from({ length: DIMENSION }, (_, j) => ((device * 7 + j) % 23) * 10);

/** The round's updates are sent, the last of which closes it. */
async function fill(manifest: Manifest, members: readonly Member[], slot: number): Promise<string> {
  const round = await awaitOpenRound(starling.coordinator, manifest.useCase);
  for (const [i, { tokens }] of members.entries()) {
    const submission = prepare(round, tokens[slot]!, payloadOf(valuesOf(i)));
    expect(told(await submit(starling.intake, submission))).toBe(receiptOf(submission));
  }
  return round.roundId;
}

/** What the round's seed makes of the updates: the next model less the one before. */
function noisyMean(seed: Uint8Array): number[] {
  const sum = new ExactSum(GRID, DIMENSION);
  for (let i = 0; i < DEVICES; i++) sum.add(Int32Array.from(valuesOf(i)), 1);
  const deviation = toDeviation(PRIVACY.noiseMultiplier * sensitivity(GRID, DIMENSION));
  addDiscreteGaussian(sum.values, { deviation, bytesOf: (block) => seededBytes(seed, 'noise', block) });
  return [...fedAvg(sum.values, sum.totalWeight, GRID)];
}

async function parametersOf(digest: string | null): Promise<number[]> {
  const answer = await fetch(`${starling.coordinator}/v1/models/${digest}`);
  return decodeSafetensors(new Uint8Array(await answer.arrayBuffer())).flatMap(({ data }) => [...data]);
}

const seeds = async (): Promise<{ id: string; seed: Uint8Array }[]> =>
  (
    await starling.database.admin.query<{ id: string; seed: Uint8Array }>(
      'select round_id as id, seed from rounds.noise',
    )
  ).rows;

describe('a task with privacy', () => {
  let manifest: Manifest;
  let members: Member[];
  let published: RoundView[];

  // Kills: noise drawn anew when a job comes again; a seed stored after the draw; a release that is counted twice.
  it('[DPR16] draws each round’s noise once, whenever the worker dies, and publishes exactly that', async () => {
    const { researcher } = starling;
    manifest = await researcher.createUseCase({ ...GRID, privacy: PRIVACY, slots: 4, epochSeconds: 86_400 });
    expect(manifest.strategy).toBe('{"name":"FedAvg","privacy":{"delta":0.00001,"epsilonMax":3,"noiseMultiplier":4}}');
    members = await enrolCohort(starling, manifest, DEVICES, { slots: [0, 1, 2, 3] });
    const ids = await researcher.startRounds(manifest.useCase, { count: 3, min: DEVICES, target: DEVICES });
    const points: CrashPoint[] = ['worker-partials-read', 'worker-model-made', 'worker-publishing'];
    published = [];
    for (const [slot, point] of points.entries()) {
      await starling.crashAt('worker', point);
      const deaths = starling.ends('worker').length;
      let seed: Uint8Array | undefined;
      const filled = fill(manifest, members, slot);
      // It is stored before the draw and gone with the release: seen while the worker is dead.
      while (starling.ends('worker').length === deaths || seed === undefined) {
        seed = (await seeds()).find(({ id }) => id === ids[slot])?.seed ?? seed;
      }
      await filled;
      const round = await researcher.awaitRound(ids[slot]!, 'published', 60_000);
      const [before, after] = await Promise.all([round.modelIn, round.modelOut].map(parametersOf));
      const expected = noisyMean(seed).map((value, j) => Math.fround(before![j]! + value));
      expect(after).toEqual(expected);
      published.push(round);
    }
    expect(await seeds()).toEqual([]);
  }, 180_000);

  it('[DPR17] the ledger has a step for each published round, the last one in the view and in the log', async () => {
    const spent = published.map(({ epsilon }) => epsilon);
    const costs = [1, 2, 3].map((count) => gaussianEpsilon({ sigma: PRIVACY.noiseMultiplier, count }, PRIVACY.delta));
    for (const [i, epsilon] of spent.entries()) expect(epsilon).toBeCloseTo(costs[i]!, 9);
    const { rows } = await starling.database.admin.query('select round_id from rounds.release order by released_at');
    expect(rows.map((row: { round_id: string }) => row.round_id)).toEqual(published.map(({ id }) => id));
  });

  // Kills: rounds that wait, or run, and count for nothing until they have cost something.
  it('[DPR18] no round starts that could make all releases cost more than the budget', async () => {
    const { researcher } = starling;
    const start = (count: number) =>
      researcher.call(`/use-cases/${manifest.useCase}/rounds`, { count, min: 3, target: 3, deadlineSeconds: 600 });
    const costOf = (count: number) => gaussianEpsilon({ sigma: PRIVACY.noiseMultiplier, count }, PRIVACY.delta);
    let most = 3;
    while (costOf(most + 1) <= PRIVACY.epsilonMax) most++;
    const refused = await start(most - 2);
    expect(codeOf(refused)).toBe('budget_spent');
    expect(refused.text).toContain(`${most - 3} more can start`);
    expect((await start(most - 3)).status).toBe(201);
    expect(codeOf(await start(1))).toBe('budget_spent');
  });

  it('[DPR19] says before it starts that the noise would drown what devices agree on', async () => {
    const { researcher } = starling;
    const { useCase } = await researcher.createUseCase({ ...GRID, privacy: PRIVACY });
    const plan = { min: 3, target: 3, deadlineSeconds: 60 };
    const answer = await researcher.call(`/use-cases/${useCase}/rounds`, plan);
    expect((answer.json as { warnings: string[] }).warnings).toEqual([expect.stringMatching(/times the clip/)]);
  });

  // Kills: a promise of privacy for rules whose sensitivity nobody has worked out.
  it('[DPR20] privacy goes with averaging alone, and with updates of one weight', async () => {
    const { researcher } = starling;
    const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
    const draft = { id: 'refused', title: 'A test', layout: LAYOUT, initialModel, privacy: PRIVACY };
    for (const change of [{ strategy: { name: 'FedMedian' } }, { weightLevels: [1, 2] }, { weightLevels: [2] }]) {
      expect(codeOf(await researcher.call('/use-cases', { ...draft, ...change }))).toBe('bad_strategy');
    }
    const adaptive = { ...draft, strategy: { name: 'FedAdam' } };
    expect((await researcher.call('/use-cases', adaptive)).status).toBe(201);
  });

  // Kills: what could take the noise off kept for ever, of rounds that published or that came to nothing.
  it('[DPR21] neither digests of exact sums nor seeds outlive their rounds', async () => {
    const { admin } = starling.database;
    const { roundId } = await awaitOpenRound(starling.coordinator, manifest.useCase);
    await admin.query('insert into rounds.noise (round_id, seed) values ($1, $2)', [roundId, random(32)]);
    await admin.query(
      `insert into rounds.partial (round_id, shard, submissions, total_weight, file_id, digest)
       values ($1, 0, 1, 1, $2, $3)`,
      [roundId, random(16), random(32)],
    );
    await starling.researcher.abort(roundId);
    const left = async (): Promise<number> => {
      const ids = [...published.map(({ id }) => id), roundId];
      const found = await Promise.all(
        ['partial', 'noise'].map((table) =>
          admin.query(`select from rounds.${table} where round_id = any ($1)`, [ids]),
        ),
      );
      return found.reduce((sum, { rowCount }) => sum + rowCount!, 0);
    };
    await eventually('the rows are gone', async () => (await left()) === 0, { withinMs: 30_000 });
    expect(await seeds()).toEqual([]);
  });
});

describe('a buffer with privacy', () => {
  const FED_BUFF = { name: 'FedBuff', serverLearningRate: 0.5, maxStaleness: 2 };
  const WEIGHTS = [1000, 707, 577];
  const PRIVATE_BUFFER = { noiseMultiplier: 2, delta: 1e-5, epsilonMax: 50 };

  // Kills: noise for updates of weight 1 where a fresh one weighs 1000; a divisor that tells how stale they were; noise
  // drawn anew after a crash.
  it('[DPR48] gets noise for the largest weight, once, and is divided by what everybody knows', async () => {
    const { researcher, coordinator, intake, database } = starling;
    const wish = { ...GRID, strategy: FED_BUFF, privacy: PRIVATE_BUFFER, slots: 4, epochSeconds: 86_400 };
    const task = await researcher.createUseCase(wish);
    expect(task.weightLevels).toEqual(WEIGHTS);
    const cohort = await enrolCohort(starling, task, DEVICES);
    const [id] = await researcher.startRounds(task.useCase, { min: DEVICES, target: DEVICES });
    const round = await awaitOpenRound(coordinator, task.useCase);
    const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
    await database.admin.query('insert into rounds.noise (round_id, seed) values ($1, $2)', [id, seed]);
    const deaths = starling.ends('worker').length;
    await starling.crashAt('worker', 'worker-model-made');
    const sum = new ExactSum(GRID, DIMENSION);
    for (const [weightLevel, { tokens }] of cohort.entries()) {
      sum.add(Int32Array.from(valuesOf(weightLevel)), WEIGHTS[weightLevel]!);
      const submission = prepare(round, tokens[0]!, payloadOf(valuesOf(weightLevel)), { weightLevel });
      expect(told(await submit(intake, submission))).toBe(receiptOf(submission));
    }
    const published = await researcher.awaitRound(id!, 'published', 60_000);
    expect(starling.ends('worker').length).toBe(deaths + 1);

    const moves = 1000 * (GRID.clip * GRID.scale + Math.sqrt(DIMENSION) / 2);
    const deviation = toDeviation(PRIVATE_BUFFER.noiseMultiplier * moves);
    addDiscreteGaussian(sum.values, { deviation, bytesOf: (block) => seededBytes(seed, 'noise', block) });
    const mean = [...fedAvg(sum.values, 1000 * DEVICES, GRID)];
    const expected = mean.map((value) => Math.fround(FED_BUFF.serverLearningRate * value));
    expect(await parametersOf(published.modelOut)).toEqual(expected);
    const { rows } = await database.admin.query('select sigma, sensitivity from rounds.release where round_id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ sigma: 2, sensitivity: moves }]);
    expect(published.epsilon).toBeCloseTo(gaussianEpsilon({ sigma: 2, count: 1 }, 1e-5), 9);
  }, 60_000);

  // Kills: noise beyond what can be drawn exactly; sums whose noise could take them past 2^53.
  it('[DPR49] is refused where noise or sums would not be exact', async () => {
    const { researcher } = starling;
    const grid = { scale: 2 ** 16, clip: 2 ** 10 };
    const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
    const draft = { id: 'refused', title: 'A test', layout: LAYOUT, initialModel, strategy: FED_BUFF, ...grid };
    const loud = await researcher.call('/use-cases', { ...draft, privacy: { ...PRIVATE_BUFFER, noiseMultiplier: 9 } });
    expect(codeOf(loud)).toBe('bad_strategy');
    expect(loud.text).toContain('1.1 times as large as can be drawn exactly: take a smaller scale');
    const { useCase } = await researcher.createUseCase({ ...grid, strategy: FED_BUFF, privacy: PRIVATE_BUFFER });
    const start = (target: number) =>
      researcher.call(`/use-cases/${useCase}/rounds`, { min: 1, target, deadlineSeconds: 60 });
    const most = Math.floor(2 ** 52 / (1000 * 2 ** 26));
    expect((await start(most + 1)).text).toContain(`target must be at most ${most}`);
    expect((await start(most)).status).toBe(201);
  });
});
