import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { freePort } from '#process';

import { enrolCohort } from '../fixtures/cohort.js';
import { publishedSum } from '../fixtures/published-sum.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound } from '../fixtures/submission.js';

import { judge, mailAll } from './mailing.js';

const DEVICES = 30;
const PARAMETERS = 16_384;
const SCALE = 1000;
const LOAD_MS = 4000;

let starling: TestStarling;
beforeAll(async () => {
  // Devices look for intake where it was.
  const [intake, coordinator] = [await freePort(), await freePort()];
  starling = await startStarling({ intakes: [{ PORT: `${intake}` }], coordinator: { PORT: `${coordinator}` } });
}, 120_000);
afterAll(() => starling.stop());

// Kills: connections that are cut while a commit is under way; a close that waits for idle ones; a pool that ends first.
it('[LIF8] SIGTERM of each process during a round loses nothing that was acknowledged', async () => {
  const { researcher, intake, coordinator } = starling;
  const layout = [{ name: 'w', shape: [PARAMETERS] }];
  const manifest = await researcher.createUseCase({ scale: SCALE, layout, chunkBytes: 16_384 });
  const members = await enrolCohort(starling, manifest, DEVICES);
  const [id] = await researcher.startRounds(manifest.useCase, { target: DEVICES });
  const round = await awaitOpenRound(coordinator, manifest.useCase);
  const mailed = mailAll({ intake, round, parameters: PARAMETERS }, members, 0, LOAD_MS);
  const names = ['intake 0', 'worker', 'issuer 0', 'coordinator'];
  for (const name of names) {
    await sleep(500);
    starling.kill(name, 'SIGTERM');
  }
  const notes = await mailed;
  expect(notes.filter(({ isReceipt }) => !isReceipt)).toEqual([]);
  for (const name of names) while (starling.restarts(name) === 0) await sleep(50);
  expect(names.flatMap((name) => starling.ends(name))).toEqual(names.map(() => 'code 0'));
  const published = await researcher.awaitRound(id!, 'published', 60_000);
  const sum = await publishedSum(coordinator, published, SCALE);
  expect(judge(notes, sum)).toEqual({ lost: 0, doubled: 0, alien: 0 });
}, 120_000);
