import { createHash } from 'node:crypto';

import { expect, it } from '@jest/globals';

import { ExactSum, type Grid } from '#learning';
import { openThreads } from '#process';

import type { ShardsData, ShardTask } from './testing/shards.worker.js';

const ORDERS = process.env['STARLING_K'] === 'full' ? 100 : 20;
const SHARDS = [1, 2, 7, 16];
const MEMBERS = 48;
const DIMENSION = 1003;
const grid: Grid = { scale: 2 ** 20, clip: 64 };

let state = 11;
const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

function cohort(): ShardsData {
  const updates = new SharedArrayBuffer(4 * MEMBERS * DIMENSION);
  const integers = new Int32Array(updates);
  for (let j = 0; j < integers.length; j++) integers[j] = Math.round((2 * random() - 1) * 2 ** 26);
  const digests = new SharedArrayBuffer(32 * MEMBERS);
  for (let i = 0; i < MEMBERS; i++) {
    new Uint8Array(digests).set(sha256(new Uint8Array(updates, 4 * DIMENSION * i, 4 * DIMENSION)), 32 * i);
  }
  return {
    grid,
    dimension: DIMENSION,
    weights: Array.from({ length: MEMBERS }, (_, i) => 1 + (i % 5)),
    updates,
    digests,
  };
}

function shuffled(): number[] {
  const keyed = Array.from({ length: MEMBERS }, (_, i) => ({ i, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ i }) => i);
}

function merged(partials: readonly Uint8Array[]): string {
  const total = new ExactSum(grid, DIMENSION);
  for (const bytes of partials) total.merge(ExactSum.fromBytes(bytes, grid, DIMENSION));
  expect(total.count).toBe(MEMBERS);
  return sha256(total.toBytes()).toString('hex');
}

function inBigIntegers({ updates, weights }: ShardsData): string {
  const bytes = Buffer.alloc(16 + 8 * DIMENSION);
  bytes.writeBigInt64LE(BigInt(MEMBERS), 0);
  bytes.writeBigInt64LE(BigInt(weights.reduce((sum, weight) => sum + weight, 0)), 8);
  const integers = new Int32Array(updates);
  for (let j = 0; j < DIMENSION; j++) {
    let sum = 0n;
    for (let i = 0; i < MEMBERS; i++) sum += BigInt(weights[i]!) * BigInt(integers[i * DIMENSION + j]!);
    bytes.writeBigInt64LE(sum, 16 + 8 * j);
  }
  return sha256(bytes).toString('hex');
}

// Kills: a sum in floats, a shard that is counted twice or not, a kernel that two threads share, one whose bytes differ.
it(`[LRN30] ${ORDERS} orders, ${SHARDS} shards, 1 and 2 threads, both kernels: one digest`, async () => {
  const data = cohort();
  const want = inBigIntegers(data);
  const pools = [1, 2].map((threads) =>
    openThreads<ShardTask, Uint8Array>(new URL('./testing/shards.worker.js', import.meta.url), { threads, data }),
  );
  try {
    for (let order = 0; order < ORDERS; order++) {
      const list = shuffled();
      for (const shards of SHARDS) {
        const parts = Array.from({ length: shards }, (_, shard) => list.filter((_, i) => i % shards === shard));
        for (const pool of pools) {
          for (const kernel of ['plain', 'wasm'] as const) {
            const partials = await Promise.all(parts.map((members) => pool.run({ kernel, members })));
            expect(merged(partials)).toBe(want);
          }
        }
      }
    }
  } finally {
    await Promise.all(pools.map((pool) => pool.destroy()));
  }
}, 240_000);
