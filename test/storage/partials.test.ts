import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { RoundResults } from '#storage/rounds';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

// Kills: a row that names the sum's file after the round's files were deleted: the file would stay for ever.
it('[RND4] a sum that is done after its round was aborted is not stored', async () => {
  const { rows } = await database.admin.query<{ id: string }>(
    `insert into rounds.round (use_case, sequence, state, min, target, deadline_ms, jitter_ms, record, closes_at)
     values ('sums', 1, 'frozen', 1, 1, 1000, 0, '', now()) returning id`,
  );
  const roundId = rows[0]!.id;
  const results = new RoundResults(database.pool('worker', 1));
  const sum = (shard: number) => ({
    ...{ shard, submissions: 1, totalWeight: 1, squaredNorms: null },
    ...{ fileId: randomBytes(16), digest: randomBytes(32) },
  });
  expect(await results.addPartial(roundId, sum(0))).toBe(true);
  expect(await results.addPartial(roundId, sum(0))).toBe(false);
  await database.admin.query("update rounds.round set state = 'abandoned', reason = 'aborted' where id = $1", [
    roundId,
  ]);
  expect(await results.addPartial(roundId, sum(1))).toBe(false);
  expect(await results.partials(roundId)).toHaveLength(1);
});
