import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { parameterCount, type Manifest } from '#protocol';

import { RestoreGuard } from '../../apps/cli/src/stack/restore-guard.js';
import { startStack, type Stack } from '../../apps/cli/src/stack/stack.js';
import { enrolCohort } from '../fixtures/cohort.js';
import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import type { Token } from '../fixtures/device.js';
import { FULL, report } from '../fixtures/race.js';
import { Researcher } from '../fixtures/researcher.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told, type OpenRound } from '../fixtures/submission.js';

const run = promisify(execFile);
const TOKENS = FULL ? 100 : 20;

let directory: string;
let manifest: Manifest;
let tokens: Token[];
let round: OpenRound;
let notices: string[] = [];

const at = (...path: string[]): string => join(directory, ...path);

async function start(): Promise<Stack> {
  notices = [];
  return startStack({ directory, onNotice: (text) => notices.push(text) });
}

/** Every token once, each with a payload of this kind. @returns what each was told, `accepted` for its receipt */
async function spendAll({ urls }: Stack, value: number): Promise<string[]> {
  const payload = payloadOf(Array.from({ length: parameterCount(manifest) }, () => value));
  const answers: string[] = [];
  for (const token of tokens) {
    const submission = prepare(round, token, payload, { audience: manifest.audience });
    const answer = told(await submit(urls.intake, submission));
    answers.push(answer === receiptOf(submission) ? 'accepted' : answer);
  }
  return answers;
}

const all = (answer: string): string[] => tokens.map(() => answer);

/** Puts the database back as it was when it was copied. */
async function restore(): Promise<void> {
  await rm(at('postgres'), { recursive: true });
  await run('cp', ['-a', at('backup'), at('postgres')]);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-restore-'));
  await chmod(directory, 0o755); // as root, PostgreSQL runs as another user and has to get in
  const stack = await start();
  try {
    const researcher = new Researcher(stack.urls.coordinator, stack.secrets.apiKey);
    manifest = await researcher.createUseCase();
    const members = await enrolCohort({ issuer: stack.urls.issuer, researcher }, manifest, TOKENS);
    tokens = members.map((member) => member.tokens[0]!);
    await researcher.startRounds(manifest.useCase, { deadlineSeconds: 3000 });
    round = await awaitOpenRound(stack.urls.coordinator, manifest.useCase);
  } finally {
    await stack.stop();
  }
  await run('cp', ['-a', at('postgres'), at('backup')]);
  await run('cp', [at('secrets', 'incarnation'), at('incarnation.backup')]);
}, 120_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('a database restored from a backup', () => {
  it('[KEY9] tokens that were spent since the backup are refused, with any update, and the launcher says so', async () => {
    const before = await start();
    expect(notices).toEqual([]);
    expect(await spendAll(before, 1)).toEqual(all('accepted'));
    await before.stop();

    await restore();
    const after = await start();
    const answers = await spendAll(after, 2);
    await after.stop();
    report(
      `restore: ${TOKENS} spent, restored, retried: ${answers.filter((one) => one === 'accepted').length} accepted`,
    );
    expect(answers).toEqual(all('epoch_retired'));
    expect(notices).toEqual([
      expect.stringContaining(`  ${manifest.useCase}: rounds go on in epoch 2, with new tokens`),
    ]);

    // Once: the start after that one finds nothing restored.
    const later = await start();
    await later.stop();
    expect(notices).toEqual([]);
  }, 120_000);

  // The mutant that [KEY9] kills: no counter outside of the database, or one that was restored with it.
  it('[KEY9] without the counter outside, every token is taken a second time', async () => {
    await restore();
    await run('cp', [at('incarnation.backup'), at('secrets', 'incarnation')]);
    const stack = await start();
    const answers = await spendAll(stack, 3);
    await stack.stop();
    expect(answers).toEqual(all('accepted'));
  }, 120_000);
});

describe('the counters', () => {
  let database: TestDatabase;
  let file: string;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  const counter = async (): Promise<number> =>
    Number((await database.admin.query<{ counter: string }>('select counter from keys.incarnation')).rows[0]!.counter);
  const setCounter = (value: number) => database.admin.query('update keys.incarnation set counter = $1', [value]);
  const opened = async (raiseMs?: number): Promise<{ guard: RestoreGuard; restored: number }> => {
    let restored = 0;
    const guard = await RestoreGuard.open(database.adminUrl, file, () => restored++, raiseMs);
    return { guard, restored };
  };

  it('[KEY9] a backup of a moment ago is told, also after a crash: both are raised while it runs', async () => {
    file = at('running');
    await setCounter(0);
    const { guard } = await opened(20);
    const backup = await counter();
    while ((await counter()) < backup + 3) await new Promise((resolve) => setTimeout(resolve, 10));
    const asInACrash = await readFile(file);
    await guard.close();
    await writeFile(file, asInACrash);
    await setCounter(backup);
    const { guard: next, restored } = await opened();
    await next.close();
    expect(restored).toBe(1);
  });

  it('[KEY9] a crash between the two is no restore; a file that is gone is taken for one, but at the first start', async () => {
    file = at('fresh');
    await setCounter(0);
    const first = await opened();
    expect(first.restored).toBe(0);
    await first.guard.close();
    await setCounter((await counter()) + 1);
    const afterCrash = await opened();
    expect(afterCrash.restored).toBe(0);
    await afterCrash.guard.close();
    await rm(file);
    const withoutFile = await opened();
    expect(withoutFile.restored).toBe(1);
    await withoutFile.guard.close();
    await writeFile(file, 'x');
    await expect(opened()).rejects.toThrow('holds no number');
  });
});
