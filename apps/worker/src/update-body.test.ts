import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { wasmKernel } from '#fold';
import { encodeEntries, encodingOf, ExactSum, seededBytes, type EncodingChoice } from '#learning';
import { FileBodyStore, newBodyId } from '#storage/bodies';

import { readSlices } from './read-slices.js';
import { sumShard } from './sum-shard.js';

const grid = { scale: 12, clip: 10 };
const random = seededBytes(new Uint8Array(32), 'rounding');

let directory: string;
let store: FileBodyStore;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-bodies-'));
  store = new FileBodyStore(directory);
});
afterAll(() => rm(directory, { recursive: true }));

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

async function put(bytes: Uint8Array, weight: number = 1) {
  const bodyId = newBodyId();
  const writer = store.create(bodyId);
  await writer.write(bytes);
  await writer.commit();
  return { bodyId, payloadDigest: sha256(bytes), weight };
}

/** The first and the last coordinate are always among the largest. */
const deltaOf = (update: number, dimension: number): Float64Array =>
  Float64Array.from({ length: dimension }, (_, j) =>
    j === 0 || j === dimension - 1 ? 0.5 : (((update * 31 + j * 17) % 101) - 50) / 1600,
  );

const payloadsOf = (choice: EncodingChoice, dimension: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) =>
    encodingOf(choice, dimension).encode(deltaOf(i, dimension), grid, random).slice(),
  );

const ENCODINGS: EncodingChoice[] = ['int32', 'int16', 'int8', { topK: 1300 }];

describe('updates of any encoding', () => {
  // Kills: a window that is read twice or not at all, an entry on the edge of a slice, rows that keep what was in them.
  it.each(ENCODINGS)(
    '[LRN46] in %j come out as the integers they stand for, in slices of any size',
    async (encoding) => {
      const dimension = 1501;
      const payloads = payloadsOf(encoding, dimension, 2);
      const submissions = await Promise.all(payloads.map((payload) => put(payload)));
      for (const pieceBytes of [20, 400, undefined]) {
        const rows = payloads.map(() => new Int32Array(dimension));
        for await (const slice of readSlices(store, { submissions, dimension, encoding }, pieceBytes))
          slice.rows.forEach((row, i) => rows[i]!.set(row, slice.from));
        expect(rows).toEqual(payloads.map((payload) => encodingOf(encoding, dimension).decode(payload)));
      }
    },
  );

  it.each(ENCODINGS)('[LRN46] in %j are summed to the bytes that ExactSum makes', async (encoding) => {
    const dimension = 300_001;
    const [payload] = payloadsOf(encoding, dimension, 1);
    const submissions = await Promise.all([1, 2].map((weight) => put(payload!, weight)));
    const sum = new ExactSum(grid, dimension);
    for (const { weight } of submissions) sum.add(encodingOf(encoding, dimension).decode(payload!), weight);
    const task = { submissions, grid, dimension, encoding, fileId: newBodyId() };
    const { digest } = await sumShard(store, wasmKernel(), task);
    expect(digest).toEqual(sha256(sum.toBytes()));
  });
});

describe('a stored update that is not what its row says', () => {
  const dimension = 3000;
  const damaged = expect.objectContaining({ code: 'body_damaged' });
  const read = async (encoding: EncodingChoice, of: { bodyId: Uint8Array; payloadDigest: Uint8Array }) => {
    for await (const slice of readSlices(store, { submissions: [of], dimension, encoding }, 4000)) void slice;
  };

  // Kills: a digest of the first window alone, or of what the entries say and not of the bytes.
  it.each(ENCODINGS)('[LRN46] in %j is found out wherever a byte has changed', async (encoding) => {
    const [payload] = payloadsOf(encoding, dimension, 1);
    const stored = await put(payload!);
    const name = Buffer.from(stored.bodyId).toString('hex');
    await read(encoding, stored);
    for (const at of [0, payload!.length >> 1, payload!.length - 1]) {
      const rotten = payload!.slice();
      rotten[at]! ^= 1;
      await writeFile(join(directory, name.slice(0, 2), name), rotten);
      await expect(read(encoding, stored)).rejects.toEqual(damaged);
    }
    for (const length of [payload!.length - 1, payload!.length + 1]) {
      await writeFile(join(directory, name.slice(0, 2), name), new Uint8Array(length));
      await expect(read(encoding, stored)).rejects.toEqual(damaged);
    }
  });

  // Kills: an index that is believed: it would write beside the row, or count twice.
  it.each([[[5, 5, 7]], [[7, 5, 9]], [[5, 7, dimension]], [[2999, 2 ** 32 - 1, 3]]])(
    '[LRN46] has no way to name coordinates as it likes: %j',
    async (list) => {
      const bytes = encodeEntries({ indices: Uint32Array.from(list), values: Int32Array.of(1, 1, 1) });
      await expect(read({ topK: 3 }, await put(bytes))).rejects.toEqual(damaged);
    },
  );
});

// Kills: a sparse update in memory whole, and a wide copy beside two wide buffers.
it.each(ENCODINGS)('[LRN46] reading %j takes at most 32 KiB an update and a window', async (encoding) => {
  const dimension = 40_000;
  const submissions = await Promise.all(payloadsOf(encoding, dimension, 2).map((payload) => put(payload)));
  const buffers = new Set<ArrayBufferLike>();
  const watched = {
    open: async (id: Uint8Array) => {
      const body = await store.open(id);
      return {
        length: body.length,
        read: (into: Uint8Array, position: number) => (buffers.add(into.buffer), body.read(into, position)),
        close: () => body.close(),
      };
    },
  } as unknown as FileBodyStore;
  for await (const { rows } of readSlices(watched, { submissions, dimension, encoding }, 2 ** 14))
    rows.forEach((row) => buffers.add(row.buffer));
  const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(bytes / submissions.length).toBeLessThanOrEqual(2 ** 15 + 6 * 512);
});
