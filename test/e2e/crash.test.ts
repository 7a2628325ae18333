import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RoundView } from '#protocol';

import { almostFullRound, modelOfFullRound, SHARDS, UPDATES } from '../fixtures/full-round.js';
import { report } from '../fixtures/race.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;

beforeAll(async () => {
  starling = await startStarling({ intakes: [] });
}, 120_000);
afterAll(() => starling.stop());

async function summedShards(roundId: string): Promise<number> {
  const { rows } = await starling.database.admin.query<{ n: number }>(
    'select count(*)::int as n from rounds.partial where round_id = $1',
    [roundId],
  );
  return rows[0]!.n;
}

/** Kills the worker once more than `after` shards are summed, and waits until it is back. @returns how many were */
async function killWhileFolding(roundId: string, after: number): Promise<number> {
  const restarts = starling.restarts('worker');
  while ((await summedShards(roundId)) <= after) await sleep(1);
  starling.kill('worker');
  const summed = await summedShards(roundId);
  expect(summed).toBeLessThan(SHARDS);
  expect((await starling.researcher.round(roundId)).state).toBe('frozen');
  while (starling.restarts('worker') === restarts) await sleep(10);
  return summed;
}

describe('a worker that dies', () => {
  let undisturbed: RoundView;

  it('[RND1] undisturbed, a round of these updates publishes their mean', async () => {
    const { roundId, complete } = await almostFullRound(starling);
    await complete();
    undisturbed = await starling.researcher.awaitRound(roundId, 'published');
    expect(undisturbed).toMatchObject({ accepted: UPDATES });
    expect(undisturbed.modelOut).toBe(modelOfFullRound());
  }, 120_000);

  // Kills: BullMQ's default stall settings (61 s, and failed for ever at the second kill); a sum kept in memory or
  // taken in order of arrival; a shard that counts twice when its job comes again.
  it('[RND1] killed twice while folding, it publishes the very same model', async () => {
    const { roundId, complete } = await almostFullRound(starling);
    await complete();
    const first = await killWhileFolding(roundId, 0);
    const second = await killWhileFolding(roundId, first);
    const since = performance.now();
    const round = await starling.researcher.awaitRound(roundId, 'published', 15_000);
    report(
      `crash: killed at ${first} and ${second} of ${SHARDS} shards, published after ${Math.round(performance.now() - since)} ms`,
    );
    expect(round.modelOut).toBe(undisturbed.modelOut);
    const { rows } = await starling.database.admin.query<{ shards: number; updates: number; models: number }>(
      `select count(*)::int as shards, sum(submissions)::int as updates,
              (select count(*)::int from rounds.model where round_id = $1) as models
         from rounds.partial where round_id = $1`,
      [roundId],
    );
    expect(rows).toEqual([{ shards: SHARDS, updates: UPDATES, models: 1 }]);
  }, 120_000);

  it('[RND2] single updates live no longer than their round', async () => {
    const { admin } = starling.database;
    const undeleted = async (): Promise<number> =>
      (await admin.query('select from rounds.round where not bodies_deleted')).rowCount!;
    while ((await undeleted()) > 0) await sleep(50);
    const { rows } = await admin.query<{ id: Buffer }>('select body_id as id from intake.submission');
    expect(rows).toHaveLength(2 * UPDATES);
    const files = new Set(await readdir(join(starling.directory, 'bodies'), { recursive: true }));
    expect(rows.map(({ id }) => id.toString('hex')).filter((id) => files.has(join(id.slice(0, 2), id)))).toEqual([]);
  });
});
