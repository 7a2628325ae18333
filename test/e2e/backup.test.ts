import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { parameterCount, type AuditPage, type Manifest, type ModelView } from '#protocol';
import { BackupReader } from '#storage/backup';
import { openPool } from '#storage/database';

import { startStack, type Stack } from '../../apps/cli/src/stack/stack.js';
import { enrolCohort } from '../fixtures/cohort.js';
import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import type { Token } from '../fixtures/device.js';
import { newPerson, Person } from '../fixtures/person.js';
import { FULL, report } from '../fixtures/race.js';
import { Researcher } from '../fixtures/researcher.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told, type OpenRound } from '../fixtures/submission.js';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
const TOKENS = FULL ? 100 : 12;

let directory: string;
let manifest: Manifest;
let tokens: Token[];
let round: OpenRound;
let roundId: string;
let models: ModelView[];
let ann: Person;
const at = (...path: string[]): string => join(directory, ...path);

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

function starling(args: readonly string[], env: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { PATH: process.env['PATH'], ...env } },
      (_, out, error) => resolve({ code: child.exitCode ?? -1, out, error }),
    );
  });
}

const backup = (to: string, ...more: string[]) => starling(['backup', '--directory', at('live'), '--to', to, ...more]);
const restore = (from: string, to: string) => starling(['restore', '--from', from, '--directory', to]);

async function withStack<T>(where: string, work: (stack: Stack, notices: string[]) => Promise<T>): Promise<T> {
  const notices: string[] = [];
  const stack = await startStack({ directory: where, onNotice: (text) => notices.push(text) });
  try {
    return await work(stack, notices);
  } finally {
    await stack.stop();
  }
}

/** Each token once. @returns what each was told, `accepted` for its receipt */
async function spend({ urls }: Stack, which: readonly Token[], value: number): Promise<string[]> {
  const payload = payloadOf(Array.from({ length: parameterCount(manifest) }, () => value));
  const answers: string[] = [];
  for (const token of which) {
    const submission = prepare(round, token, payload, { audience: manifest.audience });
    const answer = told(await submit(urls.intake, submission));
    answers.push(answer === receiptOf(submission) ? 'accepted' : answer);
  }
  return answers;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-backup-'));
  await chmod(directory, 0o755); // as root, PostgreSQL runs as another user and has to get in
  await withStack(at('live'), async (stack) => {
    const researcher = new Researcher(stack.urls.coordinator, stack.secrets.apiKey);
    manifest = await researcher.createUseCase();
    const members = await enrolCohort({ issuer: stack.urls.issuer, researcher }, manifest, TOKENS);
    tokens = members.map((member) => member.tokens[0]!);
    [roundId] = (await researcher.startRounds(manifest.useCase, { deadlineSeconds: 3000 })) as [string];
    round = await awaitOpenRound(stack.urls.coordinator, manifest.useCase);
    ann = await newPerson(researcher, 'ann', 'owner');
    models = (await researcher.call('/models')).json as ModelView[];
    // While it runs, and while updates are being accepted.
    const [made, answers] = await Promise.all([
      backup(at('running.backup'), '--json'),
      spend(stack, tokens.slice(0, TOKENS / 2), 1),
    ]);
    expect(made).toMatchObject({ code: 0 });
    expect(JSON.parse(made.out)).toMatchObject({ file: at('running.backup'), models: models.length, secrets: 0 });
    expect(answers).toEqual(answers.map(() => 'accepted'));
    expect(await spend(stack, tokens.slice(TOKENS / 2), 1)).toEqual(answers.map(() => 'accepted'));
  });
  expect(await backup(at('stopped.backup'), '--with-secrets')).toMatchObject({ code: 0, error: '' });
}, 180_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('restoring into an empty deployment', () => {
  // Kills: a load that does not retire. The counter's file says that nothing was lost, so the launcher would not either.
  it('[BAK1] none of the tokens spent since the backup is taken again; models have their digests', async () => {
    await cp(at('live', 'secrets'), at('first', 'secrets'), { recursive: true });
    const restored = await restore(at('running.backup'), at('first'));
    expect(restored).toMatchObject({ code: 0, error: '' });
    expect(restored.out).toContain(`${manifest.useCase}: rounds go on in epoch 2, with new tokens`);

    await withStack(at('first'), async (stack, notices) => {
      const answers = await spend(stack, tokens, 2);
      const accepted = answers.filter((answer) => answer === 'accepted').length;
      report(`backup: ${TOKENS} spent, restored, retried: ${accepted} accepted`);
      expect(answers).toEqual(tokens.map(() => 'epoch_retired'));
      expect(notices).toEqual([]); // the restore has said and done it
      const researcher = new Researcher(stack.urls.coordinator, stack.secrets.apiKey);
      expect((await researcher.call('/models')).json).toEqual(models);
      expect((await researcher.round(roundId)).state).toBe('abandoned');
      for (const { digest } of models) {
        expect((await researcher.call(`/models/${digest}`)).status).toBe(200);
      }
    });
  }, 120_000);

  // Kills: sessions that come back with a backup; an entry under a number that is taken.
  it('[PRT12] after a restore everybody signs in anew, and the audit log goes on', async () => {
    expect(await restore(at('stopped.backup'), at('anew'))).toMatchObject({ code: 0, error: '' });
    await withStack(at('anew'), async (stack) => {
      const { cookie } = ann;
      ann = new Person(stack.urls.coordinator, 'ann');
      ann.cookie = cookie;
      expect((await ann.ask('/session')).json).toEqual({ account: null });
      expect((await ann.signIn()).json).toMatchObject({ account: { name: 'ann', role: 'owner' } });
      const { entries } = (await ann.ask('/audit?limit=200')).json as AuditPage;
      expect(entries.map(({ act }) => act)).toEqual([
        'session.sign-in',
        // By commands: of the backup that was restored, and of the one before it.
        ...['deployment.restore', 'deployment.backup'],
        ...['invitation.accept', 'invitation.create', 'rounds.start'],
        ...['enrolment-code.create', 'use-case.create', 'file.upload'],
      ]);
    });
  }, 120_000);

  // Kills: a backup that reads table after table without a snapshot.
  it('[BAK2] a backup is of one moment: as many tokens are spent in it as updates accepted', async () => {
    const database = await createDatabase();
    try {
      const empty = await emptyDatabase(database);
      const answer = await starling(['restore', '--from', at('running.backup'), '--directory', at('elsewhere')], {
        DATABASE_URL: empty.url,
      });
      expect(answer).toMatchObject({ code: 0, error: '' });
      const { rows } = await empty.query<{ spent: string; accepted: string }>(
        'select (select count(*) from intake.spent_token) as spent, (select count(*) from intake.submission) as accepted',
      );
      expect(rows[0]!.spent).toBe(rows[0]!.accepted);
      await empty.drop();
    } finally {
      await database.drop();
    }
  }, 60_000);

  it('[BAK3] secrets are in it only when asked for; the file is mode 600 and replaces none', async () => {
    for (const file of ['running.backup', 'stopped.backup']) expect((await stat(at(file))).mode & 0o777).toBe(0o600);
    const secret = await readFile(at('live', 'secrets', 'master.key'));
    expect((await readFile(at('running.backup'))).includes(secret)).toBe(false);
    expect((await readFile(at('stopped.backup'))).includes(secret)).toBe(true);
    expect(await backup(at('stopped.backup'))).toMatchObject({ code: 2, error: expect.stringContaining('is there') });

    expect(await restore(at('running.backup'), at('none'))).toMatchObject({
      code: 1,
      error: expect.stringContaining('This backup holds no secrets'),
    });
    expect(await restore(at('stopped.backup'), at('second'))).toMatchObject({ code: 0, error: '' });
    expect(await readFile(at('second', 'secrets', 'master.key'))).toEqual(secret);
    expect((await stat(at('second', 'secrets', 'master.key'))).mode & 0o777).toBe(0o600);
  }, 120_000);

  // Kills: a restore that asks neither for the lock, the database nor the signing key.
  it('[BAK4] it goes over nothing: not a running deployment, a database, nor secrets of another', async () => {
    const key = await readFile(at('live', 'secrets', 'signing.key'));
    await withStack(at('live'), async () => {
      const answer = await restore(at('stopped.backup'), at('live'));
      expect(answer).toMatchObject({ code: 1, error: expect.stringContaining('A Starling is running in') });
    });
    expect(await restore(at('stopped.backup'), at('live'))).toMatchObject({
      code: 1,
      error: expect.stringContaining('nothing is overwritten'),
    });
    await cp(at('live', 'secrets'), at('other', 'secrets'), { recursive: true });
    await writeFile(at('other', 'secrets', 'signing.key'), randomBytes(32));
    expect(await restore(at('stopped.backup'), at('other'))).toMatchObject({
      code: 1,
      error: expect.stringContaining("another deployment's"),
    });
    expect(await readdir(at('other'))).not.toContain('postgres');
    expect(await readFile(at('live', 'secrets', 'signing.key'))).toEqual(key);

    const database = await createDatabase();
    try {
      const answer = await starling(['restore', '--from', at('stopped.backup'), '--directory', at('given')], {
        DATABASE_URL: database.adminUrl,
      });
      expect(answer).toMatchObject({ code: 1, error: expect.stringContaining('not empty') });
    } finally {
      await database.drop();
    }
  }, 120_000);

  // Kills: a digest over the rows only, or none over the names and lengths.
  it('[BAK5] a backup of which any byte was changed, or the end cut off, is refused and changes nothing', async () => {
    const whole = await readFile(at('stopped.backup'));
    const spoilt = (place: number): Buffer => {
      const bytes = Buffer.from(whole);
      bytes[place]! ^= 1 << (place % 8);
      return bytes;
    };
    const places = [0, 20, 30, whole.length - 33, ...Array.from({ length: FULL ? 200 : 20 }, () => randomPlace(whole))];
    const damaged = new Map<string, Uint8Array>();
    for (const place of places) damaged.set(`byte ${place}`, spoilt(place));
    for (const length of [0, 10, 60, whole.length - 1]) damaged.set(`cut at ${length}`, whole.subarray(0, length));
    for (const [what, bytes] of damaged) {
      await writeFile(at('damaged.backup'), bytes);
      const told = await BackupReader.open(at('damaged.backup')).then(
        () => 'opened',
        (error: { code: string }) => error.code,
      );
      expect({ what, told }).toEqual({ what, told: 'bad_digest' });
    }

    await writeFile(at('damaged.backup'), spoilt(whole.length - 1));
    const answer = await restore(at('damaged.backup'), at('untouched'));
    expect(answer).toEqual({ code: 1, out: '', error: expect.stringContaining('this file is damaged') });
    expect(await stat(at('untouched')).catch(() => undefined)).toBeUndefined();
  }, 120_000);
});

const randomPlace = (bytes: Uint8Array): number => Math.floor(Math.random() * bytes.length);

/** A database beside this one, of the same server, with nothing in it. */
async function emptyDatabase({ adminUrl, admin }: TestDatabase) {
  const name = `starling_empty_${randomBytes(4).toString('hex')}`;
  await admin.query(`create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const pool = openPool(url.href, { max: 1 });
  return {
    url: url.href,
    query: pool.query.bind(pool) as typeof pool.query,
    async drop() {
      await pool.end();
      await admin.query(`drop database ${name}`);
    },
  };
}
