import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { RoundSchedule } from '#storage/rounds';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { eventually } from '../fixtures/patience.js';

const USE_CASE = 'sealed';

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
  const plan = {
    useCase: USE_CASE,
    count: 1,
    min: 1,
    target: 1,
    deadlineMs: 1000,
    jitterMs: 0,
    waitMs: 600_000,
    finishMs: 600_000,
  };
  const [aborted] = await schedule.add(plan);
  const client = await admin.connect();
  await client.query('begin');
  await client.query("update rounds.round set state = 'abandoned', reason = 'aborted' where id = $1", [aborted]);
  const sealing = schedule.seal();
  await eventually(
    'sealing waits for the abort',
    async () => {
      const { rowCount } = await admin.query(
        "select from pg_stat_activity where usename = 'starling_coordinator' and datname = current_database() and wait_event_type = 'Lock'",
      );
      return rowCount === 1;
    },
    { withinMs: 20_000 },
  );
  await client.query('commit');
  client.release();
  await sealing;
  const taken = await admin.query('select from keys.epoch where use_case = $1 and next_slot > 0', [USE_CASE]);
  expect(taken.rowCount).toBe(0);

  const [next] = await schedule.add(plan);
  await schedule.seal();
  const { rows } = await admin.query('select slot from rounds.round where id = $1', [next]);
  expect(rows).toEqual([{ slot: 0 }]);
});
