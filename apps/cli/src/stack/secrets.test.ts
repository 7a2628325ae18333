import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { loadSecrets } from './secrets.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-secrets-'));
});
afterEach(() => rm(directory, { recursive: true }));

// Kills: making a new master key where there was a wrapping key, or letting the old one win over the new.
it('[KEY11] a wrapping key of former times becomes the master key, once', async () => {
  const former = Buffer.alloc(32, 5);
  await writeFile(join(directory, 'wrapping.key'), former, { mode: 0o600 });
  const { masterKeyFile } = await loadSecrets(directory);
  expect(await readFile(masterKeyFile)).toEqual(former);
  expect(await readdir(directory)).not.toContain('wrapping.key');

  await writeFile(join(directory, 'wrapping.key'), Buffer.alloc(32, 6), { mode: 0o600 });
  await loadSecrets(directory);
  expect(await readFile(masterKeyFile)).toEqual(former);
});

it('[KEY11] master key and permit key are made at the first start, for their owner alone, and differ', async () => {
  const first = await loadSecrets(directory);
  const [master, permit] = [await readFile(first.masterKeyFile), await readFile(first.permitKeyFile)];
  expect([master.length, permit.length, master.equals(permit)]).toEqual([32, 32, false]);
  for (const file of [first.masterKeyFile, first.permitKeyFile]) expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile((await loadSecrets(directory)).masterKeyFile)).toEqual(master);
  await chmod(first.masterKeyFile, 0o644);
  await expect(loadSecrets(directory)).rejects.toMatchObject({ code: 'exposed_secret' });
});
