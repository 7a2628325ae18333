import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { retireAllEpochs } from '#storage/migrate';
import { NoiseTrees, RoundSchedule } from '#storage/rounds';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { random } from '../fixtures/device.js';

const TREE = { separation: 2, epochs: 1 };
const PRIVACY = { noiseMultiplier: 4, delta: 1e-5, epsilonMax: 4, mechanism: 'tree', ...TREE };
const PLAN = { count: 1, min: 1, target: 1, deadlineMs: 1000, jitterMs: 0, waitMs: 600_000, finishMs: 600_000 };

let database: TestDatabase;
let useCase: string;
let made = 0;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** In the middle of epoch 1, with four slots; a device has a token for slot 1. */
beforeEach(async () => {
  const { admin } = database;
  useCase = `trees-${made++}`;
  await admin.query(`insert into keys.use_case (id, title, state, draft) values ($1, '', 'live', $2)`, [
    useCase,
    { kMin: 1, privacy: PRIVACY },
  ]);
  await admin.query(
    `insert into keys.manifest (use_case, version, digest, bytes, signature, epoch_origin, epoch_seconds, slots)
     values ($1, 1, $2, '', '', now() - interval '5400 seconds', 3600, 4)`,
    [useCase, random(32)],
  );
  await admin.query(
    `with device as (insert into identity.device (use_case, public_key) values ($1, '') returning id)
     insert into identity.issuance select id, $1, 1, 1, '', '', '' from device`,
    [useCase],
  );
});

async function sealed(): Promise<{ slot: number | null; detail: string | null }> {
  const schedule = new RoundSchedule(database.pool('coordinator'));
  const [id] = await schedule.add({ ...PLAN, useCase });
  await schedule.seal();
  const { rows } = await database.admin.query<{ slot: number | null; detail: string | null }>(
    'select slot, detail from rounds.round where id = $1',
    [id],
  );
  return rows[0]!;
}

const release = (tree: number, step: number) =>
  database.admin.query(
    `with round as (insert into rounds.round (use_case, sequence, min, target, deadline_ms, jitter_ms, state, reason)
                    values ($1, 100 + $3::int, 1, 1, 1, 0, 'abandoned', 'failed') returning id)
     insert into rounds.release (round_id, use_case, epoch, sigma, sensitivity, epsilon, delta, tree, step)
     select id, $1, 0, 4, 1, 1, 1e-5, $2, $3 from round`,
    [useCase, tree, step],
  );

describe('slots of a task with lanes', () => {
  // Kills: a lane with few devices that holds up the rounds of all others for ever.
  it('[DPR58] one whose lane has too few tokens is passed over for the next that has enough', async () => {
    expect(await sealed()).toMatchObject({ slot: 1 });
    const { rows } = await database.admin.query('select next_slot from keys.epoch where use_case = $1', [useCase]);
    expect(rows).toEqual([{ next_slot: 2 }]);
  });

  it('[DPR58] without a tree the next slot is waited for', async () => {
    await database.admin.query("update keys.use_case set draft = draft - 'privacy' where id = $1", [useCase]);
    expect(await sealed()).toEqual({
      slot: null,
      detail: expect.stringMatching(/^It waits for tokens: 0 of at least 1/),
    });
  });

  // Kills: a round that takes updates which no tree could release.
  it('[DPR54] none is taken where the tree is over and the budget has no room for another', async () => {
    await database
      .pool('worker')
      .query('insert into rounds.tree (use_case, number, first_epoch, seed) values ($1, 1, 0, $2)', [
        useCase,
        random(32),
      ]);
    for (const step of [0, 1, 2, 3]) await release(1, step);
    expect(await sealed()).toEqual({
      slot: null,
      detail: expect.stringMatching(/^Its tree of noise is over.* is 4\.$/),
    });
    await database.admin.query('update rounds.tree set first_epoch = 1 where use_case = $1', [useCase]);
    expect(await sealed()).toMatchObject({ slot: null });
    await new RoundSchedule(database.pool('coordinator')).seal();
    const { rows } = await database.admin.query(
      'select slot from rounds.round where use_case = $1 and slot is not null',
      [useCase],
    );
    expect(rows).toEqual([{ slot: 1 }]);
  });
});

describe('a tree', () => {
  // Kills: a second seed for a tree, and so noise drawn anew.
  it('[DPR57] has one seed, whoever asks at once and again; another begins where it ends', async () => {
    const trees = new NoiseTrees(database.pool('worker'));
    const seeds = await Promise.all(Array.from({ length: 8 }, () => trees.at(useCase, TREE, 1, random(32))));
    const later = await trees.at(useCase, TREE, 1, random(32));
    expect(later).toEqual({ number: 1, firstEpoch: 1, steps: 0, seed: later.seed, sums: null });
    for (const seed of seeds) expect(seed).toEqual(later);
    expect(await trees.at(useCase, TREE, 2, random(32))).toMatchObject({ number: 2, firstEpoch: 2 });
  });

  // Kills: noise of before a restore used again, for other data.
  it('[DPR57] is over after a restore, and counts', async () => {
    const trees = new NoiseTrees(database.pool('worker'));
    const before = await trees.at(useCase, TREE, 1, random(32));
    await release(1, 5);
    const client = await database.admin.connect();
    await retireAllEpochs(client);
    client.release();
    const { rows } = await database.admin.query('select ended, seed from rounds.tree where use_case = $1', [useCase]);
    expect(rows).toEqual([{ ended: true, seed: null }]);
    const after = await trees.at(useCase, TREE, 1, random(32));
    expect(after).toMatchObject({ number: 2, steps: 0 });
    expect(Buffer.from(after.seed).equals(before.seed)).toBe(false);
    // From a backup it is not even there.
    await database.admin.query('delete from rounds.tree where use_case = $1', [useCase]);
    expect(await trees.at(useCase, TREE, 1, random(32))).toMatchObject({ number: 2, steps: 0 });
    expect(await trees.releases(useCase)).toEqual([{ number: 1, steps: [5] }]);
  });
});
