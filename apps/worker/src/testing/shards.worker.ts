import { createHash } from 'node:crypto';
import { workerData } from 'piscina';

import { plainKernel, wasmKernel } from '#fold';
import type { Grid } from '#learning';
import type { BodyStore, BodyWriter, OpenBody } from '#storage/bodies';

import { sumShard } from '../sum-shard.js';

/** What all threads have: update i's bytes are the i-th 4·d of `updates`, its digest the i-th 32 of `digests`. */
export interface ShardsData {
  readonly grid: Grid;
  readonly dimension: number;
  readonly weights: readonly number[];
  readonly updates: SharedArrayBuffer;
  readonly digests: SharedArrayBuffer;
}

export interface ShardTask {
  readonly kernel: 'plain' | 'wasm';
  readonly members: readonly number[];
}

const { grid, dimension, weights, updates, digests } = workerData as ShardsData;
const kernels = { plain: plainKernel, wasm: wasmKernel() };

/** Sums some of the updates as a worker does, in a store of memory. @returns the partial sum's bytes */
export default async function sum({ kernel, members }: ShardTask): Promise<Uint8Array> {
  const store = new MemoryStore();
  const submissions = members.map((i) => ({
    bodyId: Uint8Array.of(i),
    payloadDigest: new Uint8Array(digests, 32 * i, 32),
    weight: weights[i]!,
  }));
  const task = { submissions, grid, dimension, encoding: 'int32' as const, fileId: new Uint8Array(16) };
  const { digest } = await sumShard(store as unknown as BodyStore, kernels[kernel], task);
  const bytes = new Uint8Array(Buffer.concat(store.written));
  if (!createHash('sha256').update(bytes).digest().equals(digest)) throw new Error('not what was written');
  return bytes;
}

class MemoryStore {
  readonly written: Uint8Array[] = [];

  create(): BodyWriter {
    return {
      write: async (chunk) => void this.written.push(chunk.slice()),
      commit: async () => {},
      discard: async () => {},
    };
  }

  async open([index]: Uint8Array): Promise<OpenBody> {
    const length = 4 * dimension;
    return {
      length,
      read: async (into, position) => into.set(new Uint8Array(updates, length * index! + position, into.length)),
      close: async () => {},
    };
  }
}
