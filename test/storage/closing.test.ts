import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { Submissions } from '#storage/intake';
import { RoundClosing } from '#storage/intake-closed';
import { merkleRoot } from '#transparency';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { sha256 } from '../fixtures/device.js';
import { acceptanceOf, goLive, insertOpenRound } from '../fixtures/race-round.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  await goLive(database);
});
afterAll(() => database.drop());

/** A token for each of so many new devices. */
async function issue(slot: number, tokens: number): Promise<void> {
  await database.admin.query(
    `with device as (insert into identity.device (use_case, public_key)
                     select 'race', decode(md5(random()::text), 'hex') from generate_series(1, $2) returning id)
     insert into identity.issuance select id, 'race', 0, $1, '', '', '' from device`,
    [slot, tokens],
  );
}

/** A round that was sealed when so many tokens were out for it, and wants at least two updates. */
async function openRound(slot: number, issued: number): Promise<string> {
  await issue(slot, issued);
  const id = await insertOpenRound(database, slot);
  await database.admin.query('update rounds.round set min = 2, issued = $2 where id = $1', [id, issued]);
  return id;
}

async function accept(roundId: string): Promise<void> {
  expect(await new Submissions(database.pool('intake', 1)).accept(acceptanceOf(roundId, randomBytes(32)))).toBe(true);
}

const isDue = async (roundId: string): Promise<boolean> =>
  (await new RoundClosing(database.pool('worker', 1), (leaves) => merkleRoot(sha256, leaves)).due()).includes(roundId);

// Kills: a deadline that is waited for though nobody can come; the count at the sealing for that of now.
it('[RND14] a round is due when each token that was issued for it is spent, by now and not when it was sealed', async () => {
  const id = await openRound(0, 3);
  await accept(id);
  await accept(id);
  expect(await isDue(id)).toBe(false);
  await issue(0, 1);
  await accept(id);
  expect(await isDue(id)).toBe(false);
  await accept(id);
  expect(await isDue(id)).toBe(true);
});

// Kills: tokens of other slots counted, of which nobody can spend one here.
it('[RND14] tokens of another slot do not matter, and W does', async () => {
  const id = await openRound(1, 2);
  await issue(2, 1);
  await accept(id);
  await accept(id);
  expect(await isDue(id)).toBe(true);
  await database.admin.query('update rounds.round set jitter_ms = 60000 where id = $1', [id]);
  expect(await isDue(id)).toBe(false);
});
