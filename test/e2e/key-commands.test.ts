import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { KeyView } from '#protocol';
import { LocalEncryption } from '#storage/keys';

import { startStarling, type TestStarling } from '../fixtures/starling.js';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));

interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling({ intakes: [], without: ['worker'] });
  await starling.researcher.createUseCase({ id: 'digits' });
}, 120_000);
afterAll(() => starling.stop());

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> =>
  new Promise((resolve) => {
    const options = { cwd: starling.directory, env: { PATH: process.env['PATH'], ...env } };
    execFile(process.execPath, [MAIN, ...args], options, (error, out, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, error: stderr }),
    );
  });

const talk = (...args: string[]): Promise<Said> =>
  run([...args, '--url', starling.coordinator, '--key', starling.researcher.apiKey]);

describe('the key commands', () => {
  it('[CMD17] rotate asks once, list shows the keys, and a refusal is the coordinator’s own', async () => {
    expect(await talk('key', 'rotate', 'digits')).toMatchObject({
      code: 0,
      out: expect.stringContaining('digits gets another key, for epoch 2'),
    });
    const again = await talk('key', 'rotate', 'digits', '--json');
    expect(again).toMatchObject({ code: 1, out: '', error: expect.stringContaining('(wrong_state)') });
    while ((await starling.researcher.manifest('digits')).version < 2) await sleep(50);
    const keys = JSON.parse((await talk('key', 'list', 'digits', '--json')).out) as KeyView[];
    expect(keys).toEqual([
      expect.objectContaining({ useCase: 'digits', firstEpoch: 0, lastEpoch: 1, state: 'live', advice: null }),
      expect.objectContaining({ useCase: 'digits', firstEpoch: 2, lastEpoch: null, state: 'announced' }),
    ]);
    const { out } = await talk('key', 'list');
    expect(out).toMatch(/^KEY +USE CASE +FIRST EPOCH +LAST +STATE +EVALUATIONS/);
    expect(out).toContain(`${keys[0]!.id}  digits`);
  });

  it('[CMD17] list says what to do about a key that was used too often', async () => {
    await starling.database.admin.query('update keys.primary_key set evaluations = $1 where first_epoch = 0', [
      2 ** 36,
    ]);
    expect((await talk('key', 'list')).out).toContain('It is past the limit of 2^36 evaluations');
  });

  it('[CMD17] retire-epoch says when rounds go on', async () => {
    expect(await talk('key', 'retire-epoch', 'digits')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Rounds go on in epoch 2'),
    });
    expect(await talk('key', 'retire-epoch', 'letters')).toMatchObject({
      code: 1,
      error: expect.stringContaining('(unknown_use_case)'),
    });
  });

  it('[KEY9] restored retires the live epochs of every live use case, raises the counter, and may be repeated', async () => {
    await starling.researcher.createUseCase({ id: 'letters' });
    const env = { DATABASE_URL: starling.database.adminUrl };
    for (const counter of [1, 2]) {
      const { code, out } = await run(['restored', '--json'], env);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toEqual({
        retired: [
          { useCase: 'digits', firstLiveEpoch: 2 },
          { useCase: 'letters', firstLiveEpoch: 2 },
        ],
      });
      const { rows } = await starling.database.admin.query('select counter::int from keys.incarnation');
      expect(rows).toEqual([{ counter }]);
    }
    expect(await run(['restored'])).toMatchObject({ code: 2, error: expect.stringContaining('DATABASE_URL: missing') });
  });
});

describe('changing the master key', () => {
  const wrappedKeys = async (): Promise<{ suite: string; useCase: string; wrapped: Buffer }[]> =>
    (
      await starling.database.admin.query<{ suite: string; useCase: string; wrapped: Buffer }>(
        'select suite, use_case as "useCase", wrapped from keys.primary_key order by id',
      )
    ).rows;

  it('[KEY12] rewraps every key under the new one; with a wrong old one nothing changes', async () => {
    const [former, next, wrong] = ['master.key', 'next.key', 'wrong.key'].map((name) => join(starling.directory, name));
    const nextKey = randomBytes(32);
    await writeFile(next!, nextKey, { mode: 0o600 });
    await writeFile(wrong!, randomBytes(32), { mode: 0o600 });
    const env = { DATABASE_URL: starling.database.adminUrl, NEW_MASTER_KEY_FILE: next! };
    const before = await wrappedKeys();

    const refused = await run(['key', 'rewrap'], { ...env, MASTER_KEY_FILE: wrong! });
    expect(refused).toMatchObject({ code: 1, out: '', error: expect.stringContaining('Nothing was changed.') });
    expect(refused.error).toContain('under another master key');
    expect(await wrappedKeys()).toEqual(before);

    expect(await run(['key', 'rewrap', '--json'], { ...env, MASTER_KEY_FILE: former! })).toMatchObject({
      code: 0,
      out: `${JSON.stringify({ keys: before.length })}\n`,
    });
    const after = await wrappedKeys();
    expect(after.filter(({ wrapped }, i) => wrapped.equals(before[i]!.wrapped))).toEqual([]);
    for (const row of after) expect(await new LocalEncryption(nextKey).unwrap(row.wrapped, row)).toHaveLength(32);
  });

  // Kills: rewrapping row by row without a transaction.
  it('[KEY12] one key that does not open leaves all as they are', async () => {
    await starling.database.admin.query(
      "update keys.primary_key set wrapped = wrapped || '\\x00' where id = (select id from keys.primary_key order by id desc limit 1)",
    );
    const before = await wrappedKeys();
    const env = {
      DATABASE_URL: starling.database.adminUrl,
      MASTER_KEY_FILE: join(starling.directory, 'next.key'),
      NEW_MASTER_KEY: '09'.repeat(32),
    };
    expect(await run(['key', 'rewrap'], env)).toMatchObject({ code: 1 });
    expect(await wrappedKeys()).toEqual(before);
  });

  it('[KEY12] asks for exactly one old and one new master key', async () => {
    const DATABASE_URL = starling.database.adminUrl;
    const key = '07'.repeat(32);
    expect(await run(['key', 'rewrap'], { DATABASE_URL, MASTER_KEY: key })).toMatchObject({ code: 2, out: '' });
    expect(await run(['key', 'rewrap'], { DATABASE_URL, NEW_MASTER_KEY: key })).toMatchObject({ code: 2, out: '' });
  });
});
