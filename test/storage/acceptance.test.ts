import { randomBytes } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { Submissions } from '#storage/intake';
import { RoundClosing } from '#storage/intake-closed';
import { merkleRoot } from '#transparency';

import { inParallel } from '../fixtures/cohort.js';
import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { sha256 } from '../fixtures/device.js';
import { plantSelectThenInsert } from '../fixtures/mutants.js';
import { FULL, report, shuffled } from '../fixtures/race.js';
import { acceptanceOf, goLive, insertOpenRound } from '../fixtures/race-round.js';

const WRITERS = 24;
const TOKENS = FULL ? 50 : 20;
const TRIES = FULL ? 200 : 40;

let database: TestDatabase;
let submissions: Submissions;

beforeEach(async () => {
  database = await createDatabase();
  submissions = new Submissions(database.pool('intake', WRITERS));
  await goLive(database);
});
afterEach(() => database.drop());

/** Every token is tried many times at once, each time for another update. @returns how many tries were accepted */
async function spendRace(): Promise<number> {
  const roundId = await insertOpenRound(database, 0);
  const tokens = Array.from({ length: TOKENS }, () => randomBytes(32));
  const tries = shuffled(tokens.flatMap((token) => Array.from({ length: TRIES }, () => acceptanceOf(roundId, token))));
  const accepted = await inParallel(tries, 2 * WRITERS, (one) => submissions.accept(one));
  const { rows } = await database.admin.query<{ n: number }>('select count(*)::int as n from intake.submission');
  const count = accepted.filter(Boolean).length;
  report(`spend race: ${count} accepted of ${tries.length} tries with ${TOKENS} tokens`);
  expect(rows[0]!.n).toBe(count);
  return count;
}

describe('acceptance, against itself', () => {
  // Kills: cutting the list without an order, or in the order of arrival.
  it('[ACC4] where the target cuts, the least order keys count', async () => {
    const roundId = await insertOpenRound(database, 0);
    await database.admin.query('update rounds.round set target = 5 where id = $1', [roundId]);
    const keys = shuffled(Array.from({ length: 12 }, (_, i) => i));
    const sent = keys.map((key) => ({ ...acceptanceOf(roundId), orderKey: new Uint8Array(32).fill(key) }));
    for (const one of sent) expect(await submissions.accept(one)).toBe(true);
    const closing = new RoundClosing(database.pool('worker', 1), (leaves) => merkleRoot(sha256, leaves));
    expect(await closing.close(roundId, () => 1)).toBe('frozen');
    const { rows } = await database.admin.query<{ body: string }>(
      `select encode(body_id, 'hex') as body from rounds.frozen where round_id = $1`,
      [roundId],
    );
    const least = sent
      .filter(({ orderKey }) => orderKey[0]! < 5)
      .map(({ bodyId }) => Buffer.from(bodyId).toString('hex'));
    expect(rows.map(({ body }) => body).sort()).toEqual(least.sort());
  });

  it('[ACC2] of many spends of a token at once exactly one is stored', async () => {
    expect(await spendRace()).toBe(TOKENS);
  });

  // The mutant that [ACC2] kills: SELECT, then INSERT.
  it('[ACC2] looking first and writing later spends tokens twice', async () => {
    await plantSelectThenInsert(database.admin);
    expect(await spendRace()).toBeGreaterThan(TOKENS);
  });
});
