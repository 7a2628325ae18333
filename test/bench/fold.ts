/** How fast one core folds updates, next to copying the same bytes and to plain JavaScript, in one run. */
import { fork } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

import { chooseKernel, plainKernel, type FoldKernel, type Slice } from '#fold';
import { encodeInt32LE } from '#learning';
import { FileBodyStore, newBodyId } from '#storage/bodies';

import { sumShard } from '../../apps/worker/src/sum-shard.js';
import type { FoldMemoryOrder } from './fold-memory.js';

export interface FoldBench {
  readonly clients: number;
  /** numbers in the model */
  readonly params: number;
  /** of the cohort whose peak memory is taken; as many clients */
  readonly memoryParams: number;
  /** each is done once a round; the best counts */
  readonly rounds: number;
}

export interface FoldBenchResult extends FoldBench {
  readonly node: string;
  readonly cpu: string;
  /** bytes of int32 updates over CPU time of all threads, 10^9 a second */
  readonly gigabytesPerSecond: Readonly<Record<Work, number>>;
  /** of a process that folds in two threads and adds the partial sums up: resident MB, most and before it began */
  readonly memoryMB: { readonly peak: number; readonly atStart: number };
}

export const WORKS = [
  'memcpy',
  'sum, plain',
  'sum, wasm',
  'sum with 8 weights, wasm',
  'SHA-256 alone',
  'read from the store alone',
  'sum from the store, plain',
  'sum from the store, wasm',
  'median, plain',
  'median, wasm',
  'trimmed mean, plain',
  'trimmed mean, wasm',
  'median of large numbers, wasm',
  'trimmed mean of large numbers, wasm',
  'check on arrival, plain',
  'check on arrival, wasm',
] as const;
export type Work = (typeof WORKS)[number];

const LIMIT = 2 ** 18;
const GRID = { scale: 2 ** 16, clip: 4 };
/** Flower's default. */
const BETA = 0.2;
/** As large as a worker's, of a hundred updates. */
const SLICE = 2 ** 14;
const CHUNK_BYTES = 262_144;
/** Plain medians are a hundredth as fast: these are taken of a part. */
const PLAIN_RANKED = 10_000;
const LARGE_RANKED = 200_000;

export async function benchFold(bench: FoldBench): Promise<FoldBenchResult> {
  const directory = await mkdtemp(join(tmpdir(), 'starling-fold-bench-'));
  try {
    const works = await prepare(bench, directory);
    const best: Partial<Record<Work, number>> = {};
    for (let round = 0; round < bench.rounds; round++) {
      for (const name of WORKS) best[name] = Math.max(best[name] ?? 0, await rate(works[name]));
    }
    const memoryMB = await measureMemory({ directory, clients: bench.clients, params: bench.memoryParams });
    const gigabytesPerSecond = best as Record<Work, number>;
    return { ...bench, node: process.version, cpu: cpus()[0]?.model ?? '', gigabytesPerSecond, memoryMB };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Measured {
  readonly bytes: number;
  readonly run: () => void | Promise<unknown>;
}

/** In CPU time: whatever else the machine does in the meantime is not counted. */
async function rate({ bytes, run }: Measured): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return bytes / 1e3 / (user + system);
}

async function prepare({ clients, params }: FoldBench, directory: string): Promise<Record<Work, Measured>> {
  const { kernel, skipped } = chooseKernel();
  if (skipped !== undefined) throw new Error(skipped);
  // As long as the clip lets them be.
  const most = Math.ceil(LIMIT * Math.sqrt(3 / params));
  const updates = Array.from({ length: clients }, () => randomUpdate(params, most));
  // No cohort can be like this all over; some coordinates can.
  const large = updates.map(() => randomUpdate(Math.min(params, LARGE_RANKED), LIMIT));
  const bytes = 4 * clients * params;
  const whole = (run: () => void | Promise<unknown>): Measured => ({ bytes, run });
  const part = updates.map((row) => row.subarray(0, PLAIN_RANKED));
  const of = (rows: Slice, run: () => void): Measured => ({ bytes: 4 * clients * rows[0]!.length, run });
  const cut = Math.floor(BETA * clients);
  const [equal, eight] = [() => 1, (i: number) => 1 + (i % 8)];
  return {
    memcpy: whole(copier(updates)),
    'sum, plain': whole(summer(plainKernel, updates, equal)),
    'sum, wasm': whole(summer(kernel, updates, equal)),
    'sum with 8 weights, wasm': whole(summer(kernel, updates, eight)),
    'median, plain': of(part, () => plainKernel.median(part)),
    'median, wasm': whole(() => slices(updates, (rows) => kernel.median(rows))),
    'trimmed mean, plain': of(part, () => plainKernel.trimmedMean(part, cut)),
    'trimmed mean, wasm': whole(() => slices(updates, (rows) => kernel.trimmedMean(rows, cut))),
    'median of large numbers, wasm': of(large, () => slices(large, (rows) => kernel.median(rows))),
    'trimmed mean of large numbers, wasm': of(large, () => slices(large, (rows) => kernel.trimmedMean(rows, cut))),
    'check on arrival, plain': whole(() => arrive(updates, plainKernel)),
    'check on arrival, wasm': whole(() => arrive(updates, kernel)),
    ...(await fromStore(directory, updates, kernel)),
  };
}

type StoreWork = 'SHA-256 alone' | 'read from the store alone' | `sum from the store, ${'plain' | 'wasm'}`;

async function fromStore(directory: string, updates: Slice, kernel: FoldKernel): Promise<Record<StoreWork, Measured>> {
  const store = new FileBodyStore(directory);
  const dimension = updates[0]!.length;
  const bytes = 4 * updates.length * dimension;
  const submissions = await Promise.all(updates.map((update) => put(store, update)));
  const sum = async (by: FoldKernel): Promise<void> => {
    const fileId = newBodyId();
    await sumShard(store, by, { submissions, grid: GRID, dimension, encoding: 'int32', fileId });
    await store.delete(fileId);
  };
  const piece = new Uint8Array(CHUNK_BYTES);
  const read = async (): Promise<void> => {
    for (const { bodyId } of submissions) {
      const body = await store.open(bodyId);
      for (let at = 0; at < body.length; at += piece.length)
        await body.read(piece.subarray(0, Math.min(piece.length, body.length - at)), at);
      await body.close();
    }
  };
  return {
    'SHA-256 alone': { bytes, run: () => updates.forEach((update) => sha256(encodeInt32LE(update))) },
    'read from the store alone': { bytes, run: read },
    'sum from the store, plain': { bytes, run: () => sum(plainKernel) },
    'sum from the store, wasm': { bytes, run: () => sum(kernel) },
  };
}

/** Copies all of them to places of their own, which have been written to before. */
function copier(updates: Slice): () => void {
  const from = updates.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  const to = Buffer.alloc(from.length * from[0]!.length, 1);
  return () => from.forEach((bytes, i) => bytes.copy(to, i * bytes.length));
}

function summer(kernel: FoldKernel, updates: Slice, weight: (i: number) => number): () => void {
  const bounds = { weights: updates.map((_, i) => weight(i)), maxCoordinate: LIMIT };
  const sum = new Uint8Array(8 * updates[0]!.length);
  return () =>
    slices(updates, (rows, from) => kernel.sum(rows, bounds, sum.subarray(8 * from, 8 * (from + rows[0]!.length))));
}

function slices(updates: Slice, work: (rows: Slice, from: number) => void): void {
  for (let from = 0; from < updates[0]!.length; from += SLICE)
    work(
      updates.map((row) => row.subarray(from, from + SLICE)),
      from,
    );
}

function arrive(updates: Slice, { measure }: FoldKernel): void {
  for (const update of updates) {
    const bytes = encodeInt32LE(update);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) measure(bytes.subarray(at, at + CHUNK_BYTES));
  }
}

/** Evenly in ±most. */
function randomUpdate(params: number, most: number): Int32Array {
  const update = new Int32Array(params);
  randomFillSync(update);
  for (let j = 0; j < params; j++) update[j] = ((update[j]! >>> 0) % (2 * most + 1)) - most;
  return update;
}

async function put(store: FileBodyStore, update: Int32Array) {
  const [bodyId, bytes] = [newBodyId(), encodeInt32LE(update)];
  const writer = store.create(bodyId);
  await writer.write(bytes);
  await writer.commit();
  return { bodyId, payloadDigest: sha256(bytes), weight: 1 };
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

async function measureMemory(order: FoldMemoryOrder): Promise<FoldBenchResult['memoryMB']> {
  const child = fork(new URL('./fold-memory.js', import.meta.url));
  child.once('exit', (code) => {
    if (code !== 0) throw new Error(`the process that folds ended with code ${code}`);
  });
  child.send(order);
  const [memory] = (await once(child, 'message')) as [FoldBenchResult['memoryMB']];
  await once(child, 'exit');
  return memory;
}

const WIDTH = 38;

export function describeFold({ gigabytesPerSecond: rates, memoryMB, ...bench }: FoldBenchResult): string {
  const { clients, params, memoryParams, node, cpu } = bench;
  const memcpy = rates.memcpy;
  const rows = WORKS.map((work) => {
    const plain =
      rates[
        work.replace(/ with 8 weights| of large numbers|wasm/g, (part) => (part === 'wasm' ? 'plain' : '')) as Work
      ];
    const times = work.endsWith('wasm') ? `${(rates[work] / plain).toFixed(1)}× plain` : '';
    return `  ${work.padEnd(WIDTH)}${rates[work].toFixed(2).padStart(7)}${`${(rates[work] / memcpy).toFixed(2)}×`.padStart(12)}${times.padStart(15)}\n`;
  });
  return (
    `${clients} updates × ${params} parameters, node ${node}, ${cpu}\n` +
    `  ${'GB of updates a CPU second'.padEnd(WIDTH)}${''.padStart(7)}${'of memcpy'.padStart(12)}\n${rows.join('')}` +
    `largest resident memory, ${clients} × ${memoryParams}: ${memoryMB.peak} MB (${memoryMB.atStart} MB before)\n`
  );
}
