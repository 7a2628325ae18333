import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import type { JobView } from '#protocol';
import { JOB_ID, QUEUE } from '#queue';
import { RoundClosing } from '#storage/intake-closed';
import { Models, QueueJobs, RoundResults, type FailedTry } from '#storage/rounds';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';

let database: TestDatabase;
let board: QueueJobs;
let worker: QueueJobs;
const USE_CASE = 'digits';

beforeAll(async () => {
  database = await createDatabase();
  board = new QueueJobs(database.pool('coordinator', 1));
  worker = new QueueJobs(database.pool('worker', 2));
  const draft = JSON.stringify({ topology: '00', evaluationSet: '00', layout: [], weightLevels: [1] });
  await database.admin.query("insert into keys.use_case (id, title, draft) values ($1, 'Digits', $2)", [
    USE_CASE,
    draft,
  ]);
});
afterEach(async () => {
  for (const table of ['bullmq.job', 'rounds.job_failure', 'rounds.partial', 'rounds.model', 'rounds.round'])
    await database.admin.query(`delete from ${table}`);
});
afterAll(() => database.drop());

let sequence = 0;

/** @param columns  over those of an open round whose time is not up, as SQL */
async function round(columns: Readonly<Record<string, string>> = {}): Promise<{ id: string; sequence: number }> {
  const all = {
    ...{
      use_case: `'${USE_CASE}'`,
      sequence: `${++sequence}`,
      state: "'open'",
      min: '1',
      target: '2',
      deadline_ms: '1000',
    },
    ...{
      jitter_ms: '0',
      record: `'${sequence}'`,
      opened_at: "now() - interval '1 h'",
      closes_at: "now() + interval '1 h'",
    },
    ...columns,
  };
  const { rows } = await database.admin.query<{ id: string; sequence: number }>(
    `insert into rounds.round (${Object.keys(all).join()}) values (${Object.values(all).join()}) returning id, sequence`,
  );
  return rows[0]!;
}

const frozen = (shards: number) =>
  round({ state: "'frozen'", frozen_at: "now() - interval '1 min'", shards: `${shards}` });

async function model(version: number, columns: Readonly<Record<string, string>> = {}): Promise<void> {
  const all = { use_case: `'${USE_CASE}'`, version: `${version}`, digest: "''", parameters: '1', ...columns };
  await database.admin.query(
    `insert into rounds.model (${Object.keys(all).join()}) values (${Object.values(all).join()})`,
  );
}

interface PlantedJob {
  readonly queue: string;
  readonly id: string;
  readonly data: object;
  readonly state?: string;
  /** columns that are numbers */
  readonly more?: Readonly<Record<string, number>>;
}

/** A job as BullMQ leaves it in its table. */
async function job({ queue, id, data, state = 'waiting', more = {} }: PlantedJob): Promise<void> {
  const columns = { added_at_ms: 1, max_attempts: 5, ...more };
  await database.admin.query(
    `insert into bullmq.job (queue, id, seq, name, state, data, failed_reason, ${Object.keys(columns).join()})
     values ($1, $2, nextval('bullmq.job_seq'), 'job', $3, $4, $5, ${Object.values(columns).join()})`,
    [queue, id, state, data, SECRET],
  );
}

/** What a library may say: the name of a file, which is an id. */
const SECRET = "ENOENT: no such file or directory, open '/bodies/5f/3e8a8c0de1f34c22b1f0a96d5b7c4e10'";

const failed = (more: Partial<FailedTry> & Pick<FailedTry, 'queue' | 'job'>): Promise<void> =>
  worker.noteFailure({ roundId: null, shard: null, useCase: null, version: null, reason: 'the disk is full', ...more });

const failedShard = (roundId: string, shard: number, reason = 'the disk is full'): Promise<void> =>
  failed({ queue: QUEUE.fold, job: JOB_ID.fold({ roundId, shard }), roundId, shard, reason });

const brief = ({ state, queue, round: n, shard, version }: JobView): string =>
  [state, queue, n, shard, version].filter((part) => part !== null).join(' ');

describe('jobs', () => {
  // Kills: a condition of the reconciler that the function has otherwise; a job that hides another round's work.
  it('[OBS14] that nobody asked for are the work that the reconciler would ask for', async () => {
    const [overdue, waits, done] = [await round({ closes_at: "now() - interval '1 s'" }), await round(), await round()];
    const [summed, other] = [await frozen(3), await frozen(1)];
    await round({ state: "'scheduled'", record: 'null' });
    await round({ state: "'abandoned'", reason: "'aborted'" });
    await model(0, { evaluated_at: 'now()' });
    await model(1, { round_id: `'${done.id}'` });
    await database.admin.query(
      "insert into rounds.partial (round_id, shard, submissions, total_weight, file_id, digest) values ($1, 0, 1, 1, '', '')",
      [summed.id],
    );
    const pool = database.pool('worker', 1);
    expect(await new RoundClosing(pool, () => randomBytes(32)).due()).toEqual([overdue.id]);
    const ids = (await new RoundResults(pool).frozen()).map(({ id }) => id);
    expect(ids.sort()).toEqual([summed.id, other.id].sort());
    const models = await new Models(pool).unevaluated();
    expect(models.map(({ version }) => version)).toEqual([1]);

    const { jobs, total } = await board.view();
    expect(jobs.map(brief).sort()).toEqual(
      [
        `unqueued close-round ${overdue.sequence}`,
        `unqueued evaluate-model ${done.sequence} 1`,
        `unqueued publish-round ${summed.sequence}`,
        `unqueued publish-round ${other.sequence}`,
      ].sort(),
    );
    expect(total).toBe(4);
    expect(jobs.find(({ roundId }) => roundId === summed.id)).toMatchObject({
      shardsLeft: 2,
      mostTries: null,
      useCase: USE_CASE,
    });
    expect(jobs.some(({ roundId }) => roundId === waits.id)).toBe(false);

    const version = { useCase: USE_CASE, version: 1 };
    await job({ queue: QUEUE.evaluate, id: JOB_ID.evaluate(version), data: version });
    for (const roundId of [overdue.id, summed.id]) {
      const [queue, id] =
        roundId === overdue.id
          ? [QUEUE.close, JOB_ID.close({ roundId })]
          : [QUEUE.publish, JOB_ID.publish({ roundId })];
      await job({ queue, id, data: { roundId } });
    }
    const asked = (await board.view()).jobs.filter(({ state }) => state === 'unqueued');
    expect(asked.map(brief)).toEqual([`unqueued publish-round ${other.sequence}`]);
  });

  // Kills: a list that grows with the queue; one that has the job which hangs below the fold.
  it('[OBS14] are up to a hundred, those under way first, the longest on top', async () => {
    const { id: roundId, sequence: n } = await frozen(150);
    await job({
      queue: QUEUE.publish,
      id: JOB_ID.publish({ roundId }),
      data: { roundId },
      state: 'waiting-children',
      more: { pending_deps: 150, added_at_ms: 9 },
    });
    for (let shard = 0; shard < 150; shard++)
      await job({
        queue: QUEUE.fold,
        id: JOB_ID.fold({ roundId, shard }),
        data: { roundId, shard },
        more: { added_at_ms: 200 - shard },
      });
    const change = (shard: number, set: string) =>
      database.admin.query(`update bullmq.job set ${set} where id = $1`, [JOB_ID.fold({ roundId, shard })]);
    await change(3, "state = 'active', processed_at_ms = 3000, attempts_made = 1, stalled_count = 2");
    await change(4, "state = 'active', processed_at_ms = 2000");
    await change(5, "state = 'delayed', process_at_ms = 4000, attempts_made = 2");
    const { jobs, total } = await board.view();
    expect(jobs).toHaveLength(100);
    expect(total).toBe(151);
    expect(jobs.slice(0, 5).map(brief)).toEqual([
      `active fold-shard ${n} 4`,
      `active fold-shard ${n} 3`,
      `delayed fold-shard ${n} 5`,
      `waiting publish-round ${n}`,
      `waiting fold-shard ${n} 149`,
    ]);
    expect(jobs[1]).toEqual({
      ...{ queue: QUEUE.fold, state: 'active', useCase: USE_CASE, round: n, roundId, shard: 3, version: null },
      ...{ tries: 1, mostTries: 5, stalls: 2, shardsLeft: null, since: '1970-01-01T00:00:00.197Z' },
      ...{ begunAt: '1970-01-01T00:00:03.000Z', nextAt: null, failure: null },
    });
    expect(jobs[2]).toMatchObject({ tries: 2, begunAt: null, nextAt: '1970-01-01T00:00:04.000Z' });
    expect(jobs[3]).toMatchObject({ shardsLeft: 150 });
  });

  // Kills: BullMQ's reason instead of the worker's; a job's id or data handed on; a round that no table has.
  it('[OBS16] show why the last try failed in the words of the worker, and nothing of what the job says itself', async () => {
    const { id: roundId } = await frozen(1);
    const fold = { roundId, shard: 0 };
    await job({
      queue: QUEUE.fold,
      id: JOB_ID.fold(fold),
      data: { ...fold, useCase: SECRET, token: SECRET },
      state: 'delayed',
    });
    await job({ queue: QUEUE.close, id: 'of nothing', data: { roundId: randomUUID() } });
    await job({ queue: QUEUE.evaluate, id: SECRET, data: { useCase: SECRET, version: 7 }, state: 'failed' });
    await failedShard(roundId, 0, 'a statement took too long (57014)');
    const view = await board.view();
    expect(view.jobs.find(({ state }) => state === 'delayed')?.failure).toMatchObject({
      reason: 'a statement took too long (57014)',
    });
    const nothing = { useCase: null, round: null, roundId: null, version: null, failure: null };
    expect(view.jobs.find(({ queue }) => queue === QUEUE.close)).toMatchObject(nothing);
    expect(view.jobs.find(({ queue }) => queue === QUEUE.evaluate)).toMatchObject({ ...nothing, state: 'failed' });
    expect(JSON.stringify(view)).not.toMatch(/ENOENT|bodies|fold-[0-9a-f]{8}|of nothing/);
  });
});

describe('what failed last', () => {
  // Kills: a failure that makes the one before it forgotten; a list without an end; one queue that crowds out the others.
  it('[OBS15] counts up by work, and keeps ten of each queue, the newest on top', async () => {
    const { id: roundId, sequence: n } = await frozen(20);
    await failed({ queue: QUEUE.close, job: JOB_ID.close({ roundId }), roundId });
    for (let shard = 0; shard < 13; shard++) await failedShard(roundId, shard);
    await sleep(2); // what it is told of has whole milliseconds
    await failedShard(roundId, 5, 'no memory');
    const { failures } = await board.view();
    expect(failures.map(({ queue, shard }) => [queue, shard])).toEqual([
      ...[5, 12, 11, 10, 9, 8, 7, 6, 4, 3].map((shard) => [QUEUE.fold, shard]),
      [QUEUE.close, null],
    ]);
    expect(failures[0]).toMatchObject({
      tries: 2,
      reason: 'no memory',
      useCase: USE_CASE,
      round: n,
      roundId,
      version: null,
    });
    expect(Date.parse(failures[0]!.at)).toBeGreaterThan(Date.parse(failures[1]!.at));
  });

  // Kills: a promise of another try to a work that nobody does any more; one that stays after it was done.
  it('[OBS15] says by the tables what becomes of it', async () => {
    const [shards, aborted] = [await frozen(2), await round({ state: "'abandoned'", reason: "'aborted'" })];
    const [few, open] = [await round({ state: "'abandoned'", reason: "'too_few'" }), await round()];
    await model(1);
    await model(2, { evaluated_at: 'now()' });
    await model(3, { evaluated_at: 'now()', accuracy: '0.9' });
    await failedShard(shards.id, 0);
    await failedShard(shards.id, 1);
    await failedShard(aborted.id, 0);
    for (const { id: roundId } of [shards, aborted, few, open])
      await failed({ queue: QUEUE.close, job: JOB_ID.close({ roundId }), roundId });
    await failed({ queue: QUEUE.publish, job: JOB_ID.publish({ roundId: shards.id }), roundId: shards.id });
    for (const version of [1, 2, 3])
      await failed({
        queue: QUEUE.evaluate,
        job: JOB_ID.evaluate({ useCase: USE_CASE, version }),
        useCase: USE_CASE,
        version,
      });
    await database.admin.query(
      "insert into rounds.partial (round_id, shard, submissions, total_weight, file_id, digest) values ($1, 0, 1, 1, '', '')",
      [shards.id],
    );
    const told = (await board.view()).failures.map(
      (one) => `${one.queue} ${one.version ?? `${one.round} ${one.shard ?? ''}`}: ${one.next}`,
    );
    expect(told.sort()).toEqual(
      [
        `fold-shard ${shards.sequence} 0: done`,
        `fold-shard ${shards.sequence} 1: again`,
        `fold-shard ${aborted.sequence} 0: over`,
        `close-round ${shards.sequence} : done`,
        `close-round ${aborted.sequence} : over`,
        `close-round ${few.sequence} : done`,
        `close-round ${open.sequence} : again`,
        `publish-round ${shards.sequence} : again`,
        'evaluate-model 1: again',
        'evaluate-model 2: over',
        'evaluate-model 3: done',
      ].sort(),
    );
  });

  // Kills: a table that takes whatever a worker makes of an error.
  it.each([
    SECRET,
    'connect ECONNREFUSED 10.20.30.40:5432',
    `no round ${randomUUID()}`,
    `token ${randomBytes(32).toString('base64url')}`,
    `key ${randomBytes(32).toString('hex').toUpperCase()}`,
    'long '.repeat(41),
  ])('[OBS16] has no reason that could name something: %s', async (reason) => {
    const { id } = await frozen(1);
    await expect(failedShard(id, 0, reason)).rejects.toMatchObject({ code: '23514' });
    expect((await board.view()).failures).toEqual([]);
  });
});
