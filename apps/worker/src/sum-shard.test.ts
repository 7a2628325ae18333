import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readdir, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';

import { plainKernel, wasmKernel } from '#fold';
import { encodeInt32LE, ExactSum, maxCoordinate, type EncodingChoice, type Grid } from '#learning';
import { FileBodyStore, newBodyId } from '#storage/bodies';

import { readSlices } from './read-slices.js';
import { sumShard } from './sum-shard.js';

const grid: Grid = { scale: 2 ** 16, clip: 4 };
const encoding: EncodingChoice = 'int32';
const limit = maxCoordinate(grid);

let directory: string;
let store: FileBodyStore;
const directories: string[] = [];

beforeEach(async () => {
  directories.push((directory = await mkdtemp(join(tmpdir(), 'starling-fold-'))));
  store = new FileBodyStore(directory);
});
afterAll(() => Promise.all(directories.map((name) => rm(name, { recursive: true }))));

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

function numbers(count: number, dimension: number): Int32Array[] {
  let state = 5;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  return Array.from({ length: count }, () =>
    Int32Array.from({ length: dimension }, () => (next() % (2 * limit)) - limit),
  );
}

async function stored(updates: readonly Int32Array[]) {
  return Promise.all(
    updates.map(async (q, i) => {
      const [bodyId, bytes] = [newBodyId(), encodeInt32LE(q)];
      const writer = store.create(bodyId);
      await writer.write(bytes);
      await writer.commit();
      return { bodyId, payloadDigest: sha256(bytes), weight: 1 + (i % 3) };
    }),
  );
}

const pathOf = (id: Uint8Array): string => {
  const name = Buffer.from(id).toString('hex');
  return join(directory, name.slice(0, 2), name);
};

async function bytesOf(id: Uint8Array): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(id)) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

const codeOf = (code: string) => expect.objectContaining({ code });

describe.each([plainKernel, wasmKernel()])('sumShard with the $name kernel', (kernel) => {
  // Kills: a slice that is summed before it is read, or after the next has overwritten it; a last slice left out.
  it.each([
    { count: 3, dimension: 1 },
    { count: 3, dimension: 600_001 },
    { count: 32, dimension: 150_001 },
    { count: 600, dimension: 5000 },
  ])('[LRN28] stores what ExactSum makes of $count updates of $dimension', async ({ count, dimension }) => {
    const updates = numbers(count, dimension);
    const submissions = await stored(updates);
    const sum = new ExactSum(grid, dimension);
    updates.forEach((q, i) => sum.add(q, submissions[i]!.weight));
    const fileId = newBodyId();
    const result = await sumShard(store, kernel, { submissions, grid, dimension, encoding, fileId });
    const want = sum.toBytes();
    expect(result).toEqual({ submissions: count, totalWeight: sum.totalWeight, digest: sha256(want) });
    expect(Buffer.compare(await bytesOf(fileId), want)).toBe(0);
  });

  // Kills: a body whose digest is not looked at, and one that may be longer or shorter than it should.
  it.each([
    { name: 'rotten', code: 'body_damaged', spoil: (path: string) => writeFile(path, new Uint8Array(4 * 700_000)) },
    { name: 'cut off', code: 'body_damaged', spoil: (path: string) => truncate(path, 4 * 699_999) },
    { name: 'too long', code: 'body_damaged', spoil: (path: string) => appendFile(path, new Uint8Array(4)) },
    { name: 'missing', code: 'body_missing', spoil: unlink },
  ])('[LRN29] stores nothing of a shard with a body that is $name', async ({ code, spoil }) => {
    const submissions = await stored(numbers(3, 700_000));
    await spoil(pathOf(submissions[2]!.bodyId));
    const before = await readdir(directory, { recursive: true });
    const work = sumShard(store, kernel, { submissions, grid, dimension: 700_000, encoding, fileId: newBodyId() });
    await expect(work).rejects.toThrow(codeOf(code));
    const filesOf = (names: readonly string[]): string[] => names.filter((name) => name.length > 2).sort();
    expect(filesOf(await readdir(directory, { recursive: true }))).toEqual(filesOf(before));
  });

  // Kills: a refusal of the last slice after the slices before it were stored.
  it('[LRN29] stores nothing of a shard with a coordinate outside the grid, or a weight that is none', async () => {
    const updates = numbers(3, 700_000);
    updates[1]![699_999] = limit + 1;
    const submissions = await stored(updates);
    const fileId = newBodyId();
    const task = { grid, dimension: 700_000, encoding, fileId };
    await expect(sumShard(store, kernel, { ...task, submissions })).rejects.toThrow(codeOf('out_of_range'));
    const weighed = (weight: number) => submissions.map((one) => ({ ...one, weight }));
    for (const [weight, code] of [
      [0, 'bad_weight'],
      [1.5, 'bad_weight'],
      [2 ** 53 / limit, 'sum_overflow'],
    ] as const) {
      await expect(sumShard(store, kernel, { ...task, submissions: weighed(weight) })).rejects.toThrow(codeOf(code));
    }
    await expect(bytesOf(fileId)).rejects.toThrow(codeOf('body_missing'));
  });
});

describe('readSlices', () => {
  // Kills: a cohort in memory whole; files that stay open when nobody asks for more.
  it('[LRN28] holds at most 16 MiB, or 32 KiB an update, and closes what it opened', async () => {
    const submissions = await stored(numbers(40, 300_000));
    let open = 0;
    const watched = {
      open: async (id: Uint8Array) => {
        const body = await store.open(id);
        open++;
        return {
          length: body.length,
          read: (into: Uint8Array, position: number) => body.read(into, position),
          close: () => (open--, body.close()),
        };
      },
    } as unknown as FileBodyStore;
    const buffers = new Set<unknown>();
    let coordinates = 0;
    for await (const { length, rows } of readSlices(watched, { submissions, dimension: 300_000, encoding })) {
      rows.forEach((row) => buffers.add(row.buffer));
      coordinates += length;
    }
    const bytes = [...buffers].reduce<number>((sum, buffer) => sum + (buffer as ArrayBuffer).byteLength, 0);
    expect([coordinates, open]).toEqual([300_000, 0]);
    expect(bytes).toBeLessThanOrEqual(2 ** 24);
    for await (const { from } of readSlices(watched, { submissions, dimension: 300_000, encoding })) {
      expect([from, open]).toEqual([0, 40]);
      break;
    }
    expect(open).toBe(0);
  });
});
