import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ed25519 } from '@noble/curves/ed25519.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { auditLog } from '#client';
import { nodePlatform } from '#client/node';
import { encodeSafetensors } from '#learning';
import type { RoundView, StartRounds, UseCaseView } from '#protocol';

import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { ask, codeOf } from '../fixtures/http.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told } from '../fixtures/submission.js';

let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling({ coordinator: { PATIENCE_MS: '0' } });
}, 120_000);
afterAll(() => starling.stop());

/** Two inputs, two classes: the model's four numbers are its logits. */
const TOPOLOGY = {
  class_name: 'Sequential',
  config: {
    name: 'tiny',
    layers: [{ class_name: 'Dense', config: { name: 'l', units: 2, use_bias: false, batch_input_shape: [null, 2] } }],
  },
};
const LAYOUT = [{ name: 'l/kernel', shape: [2, 2] }];
const EVALUATION_SET = [
  { name: 'inputs', shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) },
  { name: 'labels', shape: [2], data: Float32Array.of(0, 1) },
];
/** Half of the labels are right before, and all of them after `RIGHT`. */
const NOTHING = payloadOf([10, 0, 0, 0]);
const RIGHT = payloadOf([0, 0, 0, 1000]);

interface Task {
  readonly useCase: string;
  readonly members: readonly Member[];
}

async function measuredTask(): Promise<Task> {
  const { researcher } = starling;
  const topology = await researcher.upload(new TextEncoder().encode(JSON.stringify(TOPOLOGY)));
  const evaluationSet = await researcher.upload(encodeSafetensors(EVALUATION_SET));
  return taskOf({ layout: LAYOUT, topology, evaluationSet, slots: 8 });
}

async function taskOf(wish: Parameters<TestStarling['researcher']['createUseCase']>[0] = {}): Promise<Task> {
  const manifest = await starling.researcher.createUseCase({ slots: 8, ...wish });
  const slots = Array.from({ length: 8 }, (_, slot) => slot);
  return { useCase: manifest.useCase, members: await enrolCohort(starling, manifest, 1, { slots }) };
}

/** The round opens, gets this one update, and is published. */
async function runRound({ useCase, members }: Task, id: string, payload: Uint8Array): Promise<RoundView> {
  const { researcher, coordinator, intake } = starling;
  const { slot } = await researcher.awaitRound(id, 'open');
  const submission = prepare(await awaitOpenRound(coordinator, useCase), members[0]!.tokens[slot!]!, payload);
  expect(told(await submit(intake, submission))).toBe(receiptOf(submission));
  return researcher.awaitRound(id, 'published');
}

const start = (useCase: string, plan: Partial<StartRounds>): Promise<string[]> =>
  starling.researcher.startRounds(useCase, { target: 1, ...plan });

/** The log says of every round that was announced how it ended. */
async function roundsEnd(): Promise<void> {
  for (;;) {
    const { rowCount } = await starling.database.admin.query(
      'select from rounds.round where leaf is not null and (end_leaf is null or end_leaf >= (select max(size) from log.head))',
    );
    if (rowCount === 0) return;
    await sleep(25);
  }
}

async function roundThat(id: string, holds: (round: RoundView) => boolean): Promise<RoundView> {
  for (;;) {
    const round = await starling.researcher.round(id);
    if (holds(round)) return round;
    await sleep(25);
  }
}

describe('a plan with a goal', () => {
  // Kills: a round that opens before the model before it is measured, or though that was enough.
  it('[PLN2] waits for each model to be measured, and opens no round more than it takes', async () => {
    const task = await measuredTask();
    const ids = await start(task.useCase, { count: 4, until: { accuracy: 0.9 } });
    await runRound(task, ids[0]!, NOTHING);
    await runRound(task, ids[1]!, RIGHT);
    const [third, fourth] = await Promise.all(
      ids.slice(2).map((id) => starling.researcher.awaitRound(id, 'abandoned')),
    );
    const done = {
      reason: 'plan_done',
      detail: 'The plan is done: 90.0 % accuracy is reached.',
      epoch: 0,
      modelIn: null,
    };
    expect(third).toMatchObject({ ...done, waitsFor: null });
    expect(fourth).toMatchObject({ ...done, epoch: null });
    const { rows } = await starling.database.admin.query(
      `select r.opened_at > m.evaluated_at as holds from rounds.round r
         join rounds.model m on m.use_case = r.use_case and m.version = r.base_version where r.use_case = $1`,
      [task.useCase],
    );
    expect(rows).toEqual([{ holds: true }, { holds: true }]);
    expect(codeOf(await starling.researcher.call(`/rounds/${ids[2]}/retry`, {}))).toBe('wrong_state');
  });

  // Kills: a round that opens with a model of which nobody knows yet what it is worth.
  it('[PLN2] says that it waits for figures, and goes on where there will be none', async () => {
    const { admin } = starling.database;
    const task = await taskOf();
    await admin.query(
      `update keys.use_case set draft = draft || '{"topology": "00", "evaluationSet": "00"}' where id = $1`,
      [task.useCase],
    );
    const [id] = await start(task.useCase, { until: { patience: 1 } });
    await roundThat(
      id!,
      ({ waitsFor }) => waitsFor === 'It waits for the model before it to be measured: its plan may be done.',
    );
    await roundThat(id!, ({ slot }) => slot !== null);
    // By then the coordinator has looked at both.
    const [other] = await start((await taskOf()).useCase, {});
    await starling.researcher.awaitRound(other!, 'open');
    await starling.researcher.abort(other!);
    expect(await starling.researcher.round(id!)).toMatchObject({ state: 'scheduled', modelIn: null });
    await admin.query('update rounds.model set evaluated_at = now() where use_case = $1', [task.useCase]);
    expect(await starling.researcher.awaitRound(id!, 'open')).toMatchObject({ baseVersion: 0 });
    await starling.researcher.abort(id!);
  });

  it('[PLN3] is refused where no model is measured, or what it asks for is not there', async () => {
    const { useCase } = await taskOf();
    const plan = { min: 1, target: 1, deadlineSeconds: 60 };
    const answer = (more: object) => starling.researcher.call(`/use-cases/${useCase}/rounds`, { ...plan, ...more });
    const unmeasured = await answer({ until: { accuracy: 0.9 } });
    expect(codeOf(unmeasured)).toBe('malformed_message');
    expect(unmeasured.text).toContain('no evaluation set');
    expect(codeOf(await answer({ from: 1 }))).toBe('not_found');
    for (const until of [
      {},
      { accuracy: 0 },
      { accuracy: 1.1 },
      { patience: 0 },
      { minGain: 0.1 },
      { accuracy: 1, x: 1 },
    ])
      expect(codeOf(await answer({ until }))).toBe('malformed_message');
    expect((await ask(`${starling.coordinator}/v1/rounds?useCase=${useCase}`)).json).toEqual([]);
  });
});

describe('a use case that is paused', () => {
  // Kills: a pause that ends the open round, one that the next round does not heed, and a deadline that runs on.
  it('[PLN4] [PLN5] ends the open round, holds the others without a deadline, and goes on', async () => {
    const { researcher, coordinator } = starling;
    const task = await taskOf();
    const [first, second] = await start(task.useCase, { count: 2, waitSeconds: 2 });
    await researcher.awaitRound(first!, 'open');
    await roundThat(second!, ({ slot }) => slot !== null);
    const toggle = async (verb: string) => (await researcher.call(`/use-cases/${task.useCase}/${verb}`, {})).json;
    expect(await toggle('pause')).toEqual({ paused: true });
    expect(await toggle('pause')).toEqual({ paused: true });
    const { json } = await ask(`${coordinator}/v1/use-cases/${task.useCase}`);
    expect((json as UseCaseView).paused).toBe(true);
    await runRound(task, first!, payloadOf(Array.from({ length: 64 }, () => 1)));
    expect(await researcher.round(second!)).toMatchObject({
      state: 'scheduled',
      waitsFor: 'The rounds of this use case are paused.',
      waitsUntil: null,
    });
    await sleep(3000);
    expect(await researcher.round(second!)).toMatchObject({ state: 'scheduled', modelIn: null });
    expect(await toggle('resume')).toEqual({ paused: false });
    expect(await toggle('resume')).toEqual({ paused: false });
    await researcher.awaitRound(second!, 'open');
    await researcher.abort(second!);
    expect(codeOf(await researcher.call('/use-cases/nobody/pause', {}))).toBe('unknown_use_case');
  });

  // Kills: a pause that counts as waiting, or one that gives back what was waited before it.
  it('[PLN5] has waited as long as it had before the pause', async () => {
    const { researcher, database } = starling;
    const { useCase } = await researcher.createUseCase();
    const [id] = await start(useCase, { waitSeconds: 600 });
    const { waitsUntil } = await roundThat(id!, (round) => round.waitsUntil !== null);
    await researcher.call(`/use-cases/${useCase}/pause`, {});
    await database.admin.query(
      "update rounds.pause set paused_at = paused_at - interval '1 hour' where use_case = $1",
      [useCase],
    );
    await researcher.call(`/use-cases/${useCase}/resume`, {});
    const after = await researcher.round(id!);
    const shift = Date.parse(after.waitsUntil!) - Date.parse(waitsUntil!);
    expect(shift).toBeGreaterThanOrEqual(3_600_000);
    expect(shift).toBeLessThan(3_660_000);
  });
});

describe('a restart', () => {
  const RESTART = "subject like 'restart%'";

  // Kills: moments of the newest model under an older one's parameters; a restart that the log does not tell; a second round
  // that restarts too; versions that are gone.
  it('[RND20] goes on from an older version with what its optimizer had then, and the log says so', async () => {
    const task = await taskOf({ strategy: { name: 'FedAvgM', momentum: 0.9 } });
    const [one, two, three] = [1, 2, 3].map((k) => payloadOf(Array.from({ length: 64 }, (_, j) => ((j * k) % 7) * 10)));
    const first = await start(task.useCase, { count: 3 });
    await runRound(task, first[0]!, one!);
    const second = await runRound(task, first[1]!, two!);
    const third = await runRound(task, first[2]!, three!);
    const again = await start(task.useCase, { count: 2, from: 1 });
    const fourth = await runRound(task, again[0]!, two!);
    const fifth = await runRound(task, again[1]!, three!);
    expect([fourth.baseVersion, fifth.baseVersion]).toEqual([1, 4]);
    expect([fourth.modelOut, fifth.modelOut]).toEqual([second.modelOut, third.modelOut]);
    const { json } = await starling.researcher.call(`/models?useCase=${task.useCase}`);
    expect((json as { version: number }[]).map(({ version }) => version)).toEqual([5, 4, 3, 2, 1, 0]);
    const { rows } = await starling.database.admin.query<{ subject: string }>(
      `select subject from log.entry where ${RESTART}`,
    );
    expect(rows).toEqual([{ subject: `restart ${task.useCase} ${again[0]!.replaceAll('-', '')}` }]);
  });

  // Kills: an audit that takes any model for one that the use case had, or a round for one that begins with another.
  it('[LOG31] is in the log before its round, with a model that there was: verify finds another', async () => {
    const { coordinator, directory, database } = starling;
    const deploymentKey = Buffer.from(ed25519.getPublicKey(await readFile(join(directory, 'signing.key')))).toString(
      'hex',
    );
    const platform = nodePlatform({ directory: join(directory, 'auditor') });
    const problems = async () =>
      (await auditLog({ ...platform, http: platform.http.coordinator }, { coordinator, deploymentKey })).problems;
    await roundsEnd();
    expect(await problems()).toEqual([]);
    const turn = `update log.entry set leaf = set_byte(leaf, length(leaf) - 1, get_byte(leaf, length(leaf) - 1) # 1)
                   where ${RESTART} returning position::int`;
    const { rows } = await database.admin.query<{ position: number }>(turn);
    const { position } = rows[0]!;
    expect(await problems()).toEqual(
      expect.arrayContaining([
        { position, what: 'a restart from a model that this use case never had' },
        { position: position + 1, what: 'a round that begins with neither the last result nor a restart' },
      ]),
    );
    await database.admin.query(turn);
    platform.close();
  });
});
