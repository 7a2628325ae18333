import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';

import { QUEUE, queueConnection } from '#queue';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { FaultyLink } from '../fixtures/faulty-link.js';
import { OneProcess } from '../fixtures/one-process.js';
import { eventually } from '../fixtures/patience.js';
import { environments } from '../fixtures/starling.js';

const HOUR_MS = 3_600_000;
const WITHIN = { withinMs: 60_000 };

let directory: string;
let database: TestDatabase;
let link: FaultyLink;
let worker: OneProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-test-'));
  database = await createDatabase();
  const url = new URL(database.urlOf('worker'));
  link = new FaultyLink(url);
  await link.open();
  url.port = `${link.port}`;
  worker = await OneProcess.start('worker', environments(() => url.href, directory, 'key').worker);
});
afterAll(async () => {
  worker.signal('SIGKILL');
  await worker.ended;
  await link.close();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

describe('a worker after an outage of its queue', () => {
  // Kills: a wait of up to an hour for word of a job, which was given while nobody listened.
  it('[LIF9] finds a job of which it got no word', async () => {
    await eventually('it listens', async () => (await listeners()) > 0, WITHIN);
    await addDelayed();
    await link.close();
    // It tries again at once, and is refused: nothing tells when.
    await sleep(1000);
    await link.open();
    await eventually('it listens again', async () => (await listeners()) > 0, WITHIN);
    await sleep(2000); // it has looked since, and waits for word
    // As a job that was added between the end of the outage and the moment at which it listened.
    await database.admin.query("update bullmq.job set state = 'waiting' where queue = $1", [QUEUE.close]);
    await eventually('the job is done and gone', async () => (await jobs()) === 0, WITHIN);
    expect(await listeners()).toBe(1);
  }, 180_000);
});

/** A job that is not due: adding it gives word, and leaves it where it is. */
async function addDelayed(): Promise<void> {
  const queue = new Queue(QUEUE.close, { connection: queueConnection(database.urlOf('worker'), {}) });
  const roundId = '0'.repeat(32);
  await queue.add('close', { roundId }, { jobId: 'late', delay: HOUR_MS, removeOnComplete: true });
  await queue.close();
}

async function count(text: string): Promise<number> {
  const { rows } = await database.admin.query<{ n: number }>(`select count(*)::int as n from ${text}`, [QUEUE.close]);
  return rows[0]!.n;
}

const jobs = (): Promise<number> => count('bullmq.job where queue = $1');
/** Connections on which a worker hears of jobs. */
const listeners = (): Promise<number> =>
  count('pg_stat_activity where datname = current_database() and application_name = $1');
