import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { enrolCohort } from '../fixtures/cohort.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told } from '../fixtures/submission.js';

let starling: TestStarling;

beforeAll(async () => {
  starling = await startStarling();
}, 120_000);
afterAll(() => starling.stop());

// Kills: telling errors apart by their class after they came out of a thread, where they lost it.
it('[RND3] a round with a damaged body is abandoned and says so, and the next one opens', async () => {
  const { researcher, coordinator, intake, directory } = starling;
  const manifest = await researcher.createUseCase();
  const [one, two] = await enrolCohort(starling, manifest, 2, { slots: [0, 1] });
  const [first, second] = await researcher.startRounds(manifest.useCase, { count: 2, target: 2 });
  const round = await awaitOpenRound(coordinator, manifest.useCase);
  const send = async (member: typeof one): Promise<void> => {
    const submission = prepare(round, member!.tokens[0]!, payloadOf(Array.from({ length: 64 }, () => 1)));
    expect(told(await submit(intake, submission))).toBe(receiptOf(submission));
  };
  await send(one);
  const bodies = join(directory, 'bodies');
  const files = (await readdir(bodies, { recursive: true })).filter((name) => name.length > 2);
  expect(files).toHaveLength(1);
  await writeFile(join(bodies, files[0]!), 'damaged');
  await send(two);
  const abandoned = await researcher.awaitRound(first!, 'abandoned');
  expect(abandoned).toMatchObject({ reason: 'failed', accepted: 2 });
  expect(abandoned.detail).toMatch(/^It could not be summed: a stored body is not what its row says/);
  await researcher.awaitRound(second!, 'open');
});

// Kills: BullMQ's own words, pages of a driver's objects, outside of the log.
it('[PGC2] a worker that loses its database says so in lines of its log, and goes on', async () => {
  const { researcher, database, log, restarts } = starling;
  for (let i = 0; i < 3; i++) {
    await database.admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'starling_worker'",
    );
    await sleep(500);
  }
  const lines = log('worker').split('\n');
  expect(lines.filter((line) => line !== '' && !line.startsWith('{"level":"warn"'))).toEqual([]);
  expect(restarts('worker')).toBe(0);
  const { useCase } = await researcher.createUseCase();
  const [id] = await researcher.startRounds(useCase);
  await researcher.abort(id!);
});

// Kills: an evaluation that fails and is asked for again four times a second, for ever.
it('[RND5] a model that cannot be measured stays without figures', async () => {
  const { researcher, database } = starling;
  const [topology, evaluationSet] = [
    await researcher.upload(Buffer.from('{}')),
    await researcher.upload(Buffer.from('?')),
  ];
  const { useCase } = await researcher.createUseCase({ topology, evaluationSet });
  let rows: unknown[] = [];
  while (rows.length === 0) {
    await sleep(100);
    ({ rows } = await database.admin.query(
      'select accuracy, loss from rounds.model where use_case = $1 and evaluated_at is not null',
      [useCase],
    ));
  }
  expect(rows).toEqual([{ accuracy: null, loss: null }]);
});
