import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { RoundPauses, RoundSchedule } from '#storage/rounds';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { untilLockWaits } from '../fixtures/lock-waits.js';

const USE_CASE = 'sealed';
const PLAN = {
  useCase: USE_CASE,
  count: 1,
  min: 1,
  target: 1,
  deadlineMs: 1000,
  jitterMs: 0,
  waitMs: 600_000,
  finishMs: 600_000,
};

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  const { admin } = database;
  await admin.query(`insert into keys.use_case (id, title, state, draft) values ($1, '', 'live', '{"kMin": 1}')`, [
    USE_CASE,
  ]);
  await admin.query(
    `insert into keys.manifest (use_case, version, digest, bytes, signature, epoch_origin, epoch_seconds, slots)
     values ($1, 1, '', '', '', now(), 3600, 4)`,
    [USE_CASE],
  );
  await admin.query(
    `with device as (insert into identity.device (use_case, public_key) values ($1, '') returning id)
     insert into identity.issuance select id, $1, 0, 0, '', '', '' from device`,
    [USE_CASE],
  );
});
afterAll(() => database.drop());

// Kills: sealing that takes the slot first and then finds no round to give it to. Found by hand, in the moment between both.
it('[CHA5] a round that is aborted while it is being sealed takes no slot with it', async () => {
  const { admin } = database;
  const schedule = new RoundSchedule(database.pool('coordinator'));
  const [aborted] = await schedule.add(PLAN);
  const client = await admin.connect();
  await client.query('begin');
  await client.query("update rounds.round set state = 'abandoned', reason = 'aborted' where id = $1", [aborted]);
  const sealing = schedule.seal();
  await untilLockWaits(database, 1);
  await client.query('commit');
  client.release();
  await sealing;
  const taken = await admin.query('select from keys.epoch where use_case = $1 and next_slot > 0', [USE_CASE]);
  expect(taken.rowCount).toBe(0);

  const [next] = await schedule.add(PLAN);
  await schedule.seal();
  const { rows } = await admin.query('select slot from rounds.round where id = $1', [next]);
  expect(rows).toEqual([{ slot: 0 }]);
});

// Kills: sealing without the lock that pausing takes: the round got its slot after the pause was answered.
it('[PLN4] a pause is answered when what was being sealed is, and then nothing is sealed until it is over', async () => {
  const { admin } = database;
  const schedule = new RoundSchedule(database.pool('coordinator'));
  const pauses = new RoundPauses(database.pool('coordinator'));
  await admin.query("update rounds.round set state = 'abandoned', reason = 'aborted' where use_case = $1", [USE_CASE]);
  await admin.query('update keys.epoch set next_slot = 0 where use_case = $1', [USE_CASE]);
  await admin.query('update rounds.round set slot = null, epoch = null where use_case = $1', [USE_CASE]);
  const [id] = await schedule.add(PLAN);
  const slotOf = async (round: string) =>
    (await admin.query<{ slot: number | null }>('select slot from rounds.round where id = $1', [round])).rows[0]!.slot;
  const client = await admin.connect();
  await client.query('begin');
  await client.query('select from rounds.round where id = $1 for update', [id]);
  const sealing = schedule.seal();
  await untilLockWaits(database, 1);
  const answered = pauses.pause(USE_CASE).then(() => slotOf(id!));
  await untilLockWaits(database, 2);
  await client.query('commit');
  client.release();
  expect(await answered).toBe(0);
  await sealing;

  await schedule.unseal(id!);
  await admin.query('update keys.epoch set next_slot = 0 where use_case = $1', [USE_CASE]);
  await schedule.seal();
  expect(await slotOf(id!)).toBeNull();
  await pauses.resume(USE_CASE);
  await schedule.seal();
  expect(await slotOf(id!)).toBe(0);
});
