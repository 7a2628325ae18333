import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { ModelCache } from './model-cache.js';

let directory: string;
const file = async (name: string, size: number): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, Buffer.alloc(size, name));
  return path;
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-model-cache-'));
});
afterAll(() => rm(directory, { recursive: true }));

// Kills: a cache that grows with every model, one that reads a model once a device, and one that drops what is in use.
it('[BOD3] models asked for at once are read once, and the one asked for longest ago makes room', async () => {
  const cache = new ModelCache(10);
  const [a, b, c] = [await file('a', 4), await file('b', 4), await file('c', 4)];
  const [first, again] = [cache.get(a, 4), cache.get(a, 4)];
  expect(again).toBe(first);
  const other = cache.get(b, 4);
  cache.get(a, 4);
  await cache.get(c, 4);
  expect(cache.get(a, 4)).toBe(first);
  expect(cache.get(b, 4)).not.toBe(other);
  expect(String(await cache.get(b, 4))).toBe('bbbb');
  expect(cache.get(a, 11)).toBeUndefined();
});

// Kills: a failed read that is kept, and one that takes room for ever.
it('[BOD3] a model that could not be read is read again', async () => {
  const cache = new ModelCache(4);
  const path = join(directory, 'late');
  await expect(cache.get(path, 4)).rejects.toThrow('ENOENT');
  await file('late', 4);
  expect(String(await cache.get(path, 4))).toBe('late');
});
