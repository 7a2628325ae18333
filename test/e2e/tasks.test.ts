import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { MetricsView, ModelView, RoundView } from '#protocol';

import { enrolCohort, inParallel, type Member } from '../fixtures/cohort.js';
import { ask } from '../fixtures/http.js';
import { GRID, LAYOUT, oneHot, OneHotJudge, type Noted } from '../fixtures/one-hot.js';
import { eventually } from '../fixtures/patience.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, submit, told } from '../fixtures/submission.js';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
const FORMATS = ['csv', 'json', 'tensorboard'];
const DEVICES = 5;
const ROUNDS = [0, 1];

interface Task {
  readonly useCase: string;
  readonly members: readonly Member[];
  readonly ids: readonly string[];
  readonly judge: OneHotJudge;
}

let starling: TestStarling;
let tasks: readonly Task[];
beforeAll(async () => {
  starling = await startStarling();
  tasks = await Promise.all([taskOf(), taskOf(), taskOf()]);
}, 180_000);
afterAll(() => starling.stop());

async function taskOf(): Promise<Task> {
  const { researcher } = starling;
  const manifest = await researcher.createUseCase({ layout: LAYOUT, ...GRID, slots: 4 });
  const members = await enrolCohort(starling, manifest, DEVICES, { slots: ROUNDS });
  const plan = { count: ROUNDS.length, min: DEVICES, target: DEVICES };
  const ids = await researcher.startRounds(manifest.useCase, plan);
  return { useCase: manifest.useCase, members, ids, judge: new OneHotJudge() };
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(`${starling.coordinator}/v1/${path}`)).arrayBuffer());
}

/** So that devices of one number add to another coordinate in each task. */
const place = (task: number, number: number): number => 10 * task + number;

/** What is wrong with the round, in words. */
async function verdictOn(
  { judge }: Task,
  notes: readonly Noted[],
  number: number,
  view: RoundView,
): Promise<readonly string[]> {
  const list = await bytesOf(`rounds/${view.id}/accepted`);
  const accepted = Array.from({ length: list.length / 32 }, (_, i) => list.slice(32 * i, 32 * i + 32));
  return judge.judge({ number, view }, notes, { accepted, model: await bytesOf(`models/${view.modelOut}`) }).wrong;
}

describe('several tasks at once', () => {
  // Kills: a lock, a queue or a statement that takes one use case's rounds for another's, or lets one wait for another.
  it('[RND21] have rounds open at the same time, and each publishes exactly its own updates', async () => {
    const { researcher, coordinator, intake } = starling;
    for (const number of ROUNDS) {
      const open = await Promise.all(tasks.map(({ useCase }) => awaitOpenRound(coordinator, useCase)));
      const views = await Promise.all(tasks.map(({ ids }) => researcher.round(ids[number]!)));
      expect(views.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
      const updates = tasks.flatMap(({ members }, task) =>
        members.map(({ tokens }, device) => ({ task, device, tokens })),
      );
      // In turns, so that no task is done before the others have begun.
      const inTurns = updates.toSorted((a, b) => a.device - b.device);
      const noted = await inParallel(inTurns, 4, async ({ task, device, tokens }) => {
        const submission = prepare(open[task]!, tokens[number]!, oneHot(device, place(task, number)));
        return { task, device, note: { submission, told: told(await submit(intake, submission)) } };
      });
      for (const [i, task] of tasks.entries()) {
        const view = await researcher.awaitRound(task.ids[number]!, 'published');
        const own = noted.filter(({ task: of }) => of === i).toSorted((a, b) => a.device - b.device);
        const notes = own.map(({ note }) => note);
        expect(await verdictOn(task, notes, place(i, number), view)).toEqual([]);
        expect(view.accepted).toBe(DEVICES);
      }
    }
  });

  // Kills: norms of one task in another's figures; norms that outlive their round.
  it('[MET1] keep of each round what it came to, and of single updates nothing', async () => {
    const { admin } = starling.database;
    for (const { useCase, ids } of tasks) {
      const { json } = await ask(`${starling.coordinator}/v1/use-cases/${useCase}/metrics`);
      const { initial, rounds } = json as MetricsView;
      expect(initial).toEqual({ accuracy: null, loss: null });
      const seconds = { waiting: expect.any(Number), open: expect.any(Number), fold: expect.any(Number) };
      expect(rounds).toMatchObject(
        ids.map((roundId, i) => ({
          ...{ roundId, round: i + 1, state: 'published', version: i + 1, parent: i, issued: DEVICES, cohort: DEVICES },
          // Each update is one value, as large as the scale.
          updateNorms: { p10: 1, p25: 1, p50: 1, p75: 1, p90: 1 },
          seconds: { ...seconds, publish: expect.any(Number), evaluate: null },
          epsilon: null,
        })),
      );
      expect(
        rounds.flatMap((round) => Object.values(round.seconds)).filter((value) => value !== null && value < 0),
      ).toEqual([]);
    }
    const kept = async () => (await admin.query('select from rounds.partial where squared_norms is not null')).rowCount;
    await eventually('norms are forgotten', async () => (await kept()) === 0, { withinMs: 20_000 });
  });

  // Kills: an export that leaves rounds out, or that nobody can start.
  it.each(FORMATS)('[MET2] are written as %s by a command', async (format) => {
    const [{ useCase, ids }] = tasks as [Task];
    const out = join(starling.directory, 'metrics');
    const talk = ['--url', starling.coordinator, '--out', out, '--format', format, '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'metrics', 'export', useCase, ...talk]);
    const { file, rounds } = JSON.parse(stdout) as { file: string; rounds: number };
    expect(rounds).toBe(ROUNDS.length);
    const bytes = await readFile(file);
    if (format === 'tensorboard')
      expect(bytes.toString('latin1').split('update_norm/p50')).toHaveLength(ROUNDS.length + 1);
    else expect(ids.filter((id) => !bytes.includes(id))).toEqual([]);
  });

  it('[RND22] list each model with its round, the version before it, strategy, encoding and leaf', async () => {
    const [{ useCase, ids }] = tasks as [Task];
    const models = async () => (await starling.researcher.call(`/models?useCase=${useCase}`)).json as ModelView[];
    await eventually('results are logged', async () => (await models())[0]!.leaf !== null, { withinMs: 20_000 });
    const rules = { strategy: '{"name":"FedAvg"}', encoding: 'int32', epsilon: null };
    expect(await models()).toMatchObject([
      { ...rules, version: 2, round: 2, roundId: ids[1], parent: 1, leaf: expect.any(Number) },
      { ...rules, version: 1, round: 1, roundId: ids[0], parent: 0, leaf: expect.any(Number) },
      { ...rules, version: 0, round: null, roundId: null, parent: null, leaf: null },
    ]);
  });

  // Kills: measuring updates of a private task, where a quantile of norms is a release that nobody accounts for; a ledger
  // of the rounds that led to a version.
  it('[MET4] [RND20] tell nothing of single updates where the task is private, and a restart costs like any round', async () => {
    const { researcher, coordinator, intake } = starling;
    const privacy = { noiseMultiplier: 1, delta: 1e-6, epsilonMax: 100 };
    const { useCase, ...manifest } = await researcher.createUseCase({ privacy, slots: 4 });
    const [member] = await enrolCohort(starling, { useCase, ...manifest }, 1, { slots: ROUNDS });
    const update = payloadOf(Array.from({ length: 64 }, () => 1));
    for (const slot of ROUNDS) {
      const [id] = await researcher.startRounds(useCase, { target: 1, from: 0 });
      await submit(intake, prepare(await awaitOpenRound(coordinator, useCase), member!.tokens[slot]!, update));
      await researcher.awaitRound(id!, 'published');
    }
    const { json } = await ask(`${coordinator}/v1/use-cases/${useCase}/metrics`);
    const { rounds } = json as MetricsView;
    expect(rounds).toMatchObject(ROUNDS.map(() => ({ cohort: 1, parent: 0, updateNorms: null })));
    expect(rounds[1]!.epsilon).toBeGreaterThan(1.2 * rounds[0]!.epsilon!);
  });
});
