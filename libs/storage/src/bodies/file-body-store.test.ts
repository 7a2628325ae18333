import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { FileBodyStore, newBodyId } from './file-body-store.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-bodies-'));
});
afterAll(() => rm(directory, { recursive: true }));

// Kills: garbage collection that finds an upload cut off by a crash, and deletes the name it never got.
it('[BOD1] what is deleted is gone, also what was never committed', async () => {
  const store = new FileBodyStore(directory);
  const whole = store.create(newBodyId());
  await whole.write(new Uint8Array(8));
  await whole.commit();
  const cutOff = Buffer.from(newBodyId()).toString('hex');
  await mkdir(join(directory, cutOff.slice(0, 2)), { recursive: true });
  await writeFile(join(directory, cutOff.slice(0, 2), `${cutOff}.part`), 'half');
  const old: Uint8Array[] = [];
  for await (const id of store.olderThan(Date.now() + 1000)) old.push(id);
  expect(old).toHaveLength(2);
  for (const id of old) await store.delete(id);
  const left = await readdir(directory, { recursive: true });
  expect(left.filter((name) => name.length > 2)).toEqual([]);
});
