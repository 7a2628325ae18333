import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { assertDurable, openPool } from '#storage/database';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Asks on a connection of its own, made after the setting. */
async function asked(): Promise<void> {
  const pool = openPool(database.urlOf('intake'));
  try {
    await assertDurable(pool);
  } finally {
    await pool.end();
  }
}

async function commitAs(level: string): Promise<void> {
  const name = new URL(database.adminUrl).pathname.slice(1);
  await database.admin.query(`alter role starling_intake in database ${name} set synchronous_commit = ${level}`);
}

// Kills: a check that is not made, or that looks at another setting.
// With synchronous_commit=off, killing the server lost 6 to 13 acknowledged rows in each of 5 trials.
it('[DUR1] a database that may forget what it acknowledged is refused', async () => {
  await expect(asked()).resolves.toBeUndefined();
  for (const level of ['off', 'local']) {
    await commitAs(level);
    await expect(asked()).rejects.toMatchObject({ code: 'not_durable' });
  }
  await commitAs('remote_write');
  await expect(asked()).resolves.toBeUndefined();
});
