import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JobsView } from '#protocol';
import { QUEUE } from '#queue';

import { commandsOf } from '../fixtures/admin-command.js';
import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { ask, codeOf } from '../fixtures/http.js';
import { eventually } from '../fixtures/patience.js';
import { newPerson, Person } from '../fixtures/person.js';
import { pick } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told } from '../fixtures/submission.js';

const WITHIN = { withinMs: 60_000 };
/** Tries of one job: more of them are of another. */
const TRIES = 5;

let starling: TestStarling;
let members: readonly Member[];
let useCase: string;

beforeAll(async () => {
  starling = await startStarling();
  const manifest = await starling.researcher.createUseCase();
  useCase = manifest.useCase;
  members = await enrolCohort(starling, manifest, 2, { slots: [0, 1, 2] });
}, 120_000);
afterAll(() => starling.stop());

async function look(): Promise<JobsView> {
  const { status, json, text } = await starling.researcher.call('/operations/jobs');
  if (status !== 200) throw new Error(text);
  return json as JobsView;
}

/** Looks until the view is so. */
async function seen(what: string, holds: (view: JobsView) => boolean): Promise<JobsView> {
  let view = await look();
  const isSo = async (): Promise<boolean> => holds((view = await look()));
  await eventually(what, isSo, WITHIN);
  return view;
}

let slot = 0;

/** A round that both devices have sent to: all that is left is the worker's. */
async function fullRound(): Promise<string> {
  const [id] = await starling.researcher.startRounds(useCase, { min: 2, target: 2 });
  const open = await awaitOpenRound(starling.coordinator, useCase);
  for (const { tokens } of members) {
    const submission = prepare(open, tokens[slot]!, payloadOf(Array.from({ length: 64 }, (_, i) => i)));
    expect(told(await submit(starling.intake, submission))).toBe(receiptOf(submission));
  }
  slot++;
  return id!;
}

/** What would name something of a device, or a job by the queue's own name; rounds are public. */
function namesIn(view: JobsView): RegExpExecArray | null {
  const text = JSON.stringify(view).replaceAll(/"roundId":"[^"]+"/g, '');
  return /[0-9a-f]{16}|[0-9a-f]{8}-[0-9a-f]{4}|\d+\.\d+\.\d+\.\d+|starling-test/.exec(text);
}

describe('jobs', () => {
  it('[OBS14] are none where nothing is to be done', async () => {
    const nothing = { jobs: [], total: 0, failures: [] };
    expect(await seen('no job', ({ total }) => total === 0)).toEqual(nothing);
    const { code, out } = await commandsOf(starling)('job', 'list');
    expect({ code, out }).toEqual({ code: 0, out: 'No job: nothing is to be done now.\n\nNo try has failed.\n' });
  });

  // Kills: a board of the queue alone, which is empty when the worker is away.
  it('[OBS14] without a job are seen while the worker is held', async () => {
    process.kill(starling.pid('worker'), 'SIGSTOP');
    let roundId: string;
    try {
      roundId = await fullRound();
      const { jobs } = await seen('work that nobody asks for', ({ total }) => total > 0);
      expect(jobs).toEqual([
        expect.objectContaining({ queue: QUEUE.close, state: 'unqueued', useCase, round: 1, roundId, mostTries: null }),
      ]);
    } finally {
      process.kill(starling.pid('worker'), 'SIGCONT');
    }
    await starling.researcher.awaitRound(roundId, 'published');
    await seen('no job', ({ total }) => total === 0);
  });

  // Kills: a job whose worker died that looks as if nothing had happened to it.
  it('[OBS14] are seen at work and waiting, and that their worker was gone', async () => {
    const hold = await starling.database.admin.connect();
    let roundId: string;
    try {
      // Sums can be read, and none can be stored.
      await hold.query(
        'begin; set local idle_in_transaction_session_timeout = 0; lock table rounds.partial in share row exclusive mode',
      );
      roundId = await fullRound();
      const isSumming = ({ jobs, total }: JobsView): boolean =>
        total === 2 && jobs.some(({ queue, state }) => queue === QUEUE.fold && state === 'active');
      const { jobs } = await seen('a job at work', isSumming);
      expect(jobs).toEqual([
        expect.objectContaining({
          queue: QUEUE.fold,
          state: 'active',
          round: 2,
          shard: 0,
          begunAt: expect.any(String),
        }),
        expect.objectContaining({ queue: QUEUE.publish, state: 'waiting', round: 2, shardsLeft: 1, begunAt: null }),
      ]);
      starling.kill('worker');
      await seen('a worker that was gone', (view) =>
        view.jobs.some(({ stalls, state }) => stalls > 0 && state === 'active'),
      );
    } finally {
      await hold.query('rollback');
      hold.release();
    }
    await starling.researcher.awaitRound(roundId, 'published');
  });
});

describe('what failed last', () => {
  // Kills: failed jobs that are kept in the queue, where their id is in the way of the next one: the round would stand.
  it('[OBS15] is told with when and why, outlives job and worker, and is done when what broke is mended', async () => {
    const { database, researcher } = starling;
    // What a library may say of a row.
    await database.admin.query(`
      create function rounds.break_sums() returns trigger language plpgsql as $$
      begin raise exception 'no room for %, at 10.20.30.40', encode(new.file_id, 'hex'); end $$;
      create trigger broken before insert on rounds.partial for each row execute function rounds.break_sums()`);
    const roundId = await fullRound();
    const { sequence } = await researcher.round(roundId);
    const since = Date.now();
    const failureIn = ({ failures }: JobsView, name: string) =>
      failures.find(({ queue, round }) => queue === name && round === sequence);
    const triedBy = (view: JobsView): number => failureIn(view, QUEUE.fold)?.tries ?? 0;
    const early = await seen('a failure', (view) => triedBy(view) > 0);
    const reason = 'PostgreSQL refused (P0001)';
    const work = { queue: QUEUE.fold, useCase, round: sequence, roundId, shard: 0, version: null };
    const first = failureIn(early, QUEUE.fold);
    expect(first).toMatchObject({ ...work, reason, next: 'again' });
    expect(Math.abs(Date.parse(first!.at) - since)).toBeLessThan(120_000);
    const delayed = await seen('a job that waits for its next try', ({ jobs }) =>
      jobs.some(({ state }) => state === 'delayed'),
    );
    expect(delayed.jobs.find(({ state }) => state === 'delayed')).toMatchObject({ ...work, failure: { reason } });
    expect(namesIn(delayed)).toBeNull();

    // Another job than the first: it was added again under the same id.
    const late = await seen('tries of another job', (view) => triedBy(view) > TRIES);
    expect(failureIn(late, QUEUE.publish)).toMatchObject({
      reason: 'a shard of it was not summed',
      next: 'again',
    });
    starling.kill('worker');
    await database.admin.query('drop trigger broken on rounds.partial; drop function rounds.break_sums()');
    await researcher.awaitRound(roundId, 'published', WITHIN.withinMs);
    const after = await look();
    expect(after.failures.map(({ next }) => next)).toEqual(after.failures.map(() => 'done'));
    expect(failureIn(after, QUEUE.fold)).toMatchObject({ ...work, reason });
    expect(namesIn(await look())).toBeNull();
  }, 120_000);

  // The mutant that the test above kills: what is looked for is found where it stands.
  it('[OBS16] an id or an address would be found', async () => {
    const view = await look();
    const [failure] = view.failures;
    for (const reason of [crypto.randomUUID(), 'at 10.20.30.40', starling.directory, 'ab'.repeat(16)])
      expect(namesIn({ ...view, failures: [{ ...failure!, reason }] })).not.toBeNull();
  });

  it('[CMD44] is shown by starling job list, as JSON too', async () => {
    const command = commandsOf(starling);
    const { out } = await command('job', 'list');
    expect(out).toMatch(/^No job: nothing is to be done now\.\n\nFailed last:\nAT +WORK +TRIES +NEXT +REASON\n/);
    expect(out).toMatch(
      new RegExp(`^20\\S+Z +Sum ${useCase}, round 3, shard 0 +\\d+ +done since +PostgreSQL refused \\(P0001\\)$`, 'm'),
    );
    expect(JSON.parse((await command('job', 'list', '--json')).out)).toEqual(await look());
  });
});

describe('who may see jobs', () => {
  // Kills: a route without its scope; a board for whoever finds it.
  it('[OBS6] has the scope operations:read: nobody without an account, and no key without it', async () => {
    const url = `${starling.coordinator}/v1/operations/jobs`;
    expect(codeOf(await ask(url, {}))).toBe('unauthorized');
    expect(await new Person(starling.coordinator, 'nobody').code('/operations/jobs')).toBe('unauthorized');
    expect((await (await newPerson(starling.researcher, 'vic', 'viewer')).ask('/operations/jobs')).status).toBe(200);
    for (const [scopes, status] of [
      [['models:read', 'audit:read', 'rounds:write'], 403],
      [['operations:read'], 200],
    ] as const) {
      const key = pick<string>(await starling.researcher.call('/api-keys', { name: 'watcher', scopes }), 'key');
      expect((await ask(url, { headers: { authorization: `Bearer ${key}` } })).status).toBe(status);
    }
    const { code, error } = await commandsOf(starling, { STARLING_API_KEY: 'none' })('job', 'list');
    expect({ code, error }).toEqual({ code: 1, error: expect.stringContaining('API key') });
  });
});
