import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { ModelStore } from './model-store.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-models-'));
});
afterAll(() => rm(directory, { recursive: true }));

// Kills: files of killed uploads that stay for ever; a sweep that takes a model, or an upload under way.
it('[BOD2] what was half written when its process was killed is swept, and nothing else', async () => {
  const store = new ModelStore(directory);
  const digest = Buffer.from(await store.put(new Uint8Array(8))).toString('hex');
  await writeFile(join(directory, '.killed'), 'half');
  await writeFile(join(directory, '.under way'), 'half');
  const longAgo = new Date(Date.now() - 60_000);
  for (const name of [digest, '.killed']) await utimes(join(directory, name), longAgo, longAgo);
  await store.sweep(Date.now() - 30_000);
  expect((await readdir(directory)).toSorted()).toEqual(['.under way', digest]);
  await new ModelStore(join(directory, 'not there')).sweep(Date.now());
});
