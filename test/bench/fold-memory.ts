/** (Its own process) Folds a cohort as the worker does, in two threads, adds the partial sums up, and says what memory that took. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { ExactSum, fedAvg, sumHeader } from '#learning';
import { openThreads } from '#process';
import { FileBodyStore, newBodyId } from '#storage/bodies';

import type { FoldResult, FoldTask, Rotten } from '../../apps/worker/src/arithmetic.js';

export interface FoldMemoryOrder {
  readonly directory: string;
  readonly clients: number;
  readonly params: number;
}

const GRID = { scale: 2 ** 16, clip: 4 };
/** As many updates as the worker sums in one job. */
const SHARD = 32;
const WRITTEN = 2 ** 20;

process.once('message', (order: FoldMemoryOrder) => {
  void fold(order).then((memory) => process.send!(memory, () => process.exit(0)));
});

async function fold({ directory, clients, params }: FoldMemoryOrder): Promise<{ peak: number; atStart: number }> {
  const submissions = await sameBody(directory, clients, params);
  const atStart = peakMB();
  const threads = openThreads<FoldTask, FoldResult | Rotten>(
    new URL('../../apps/worker/src/arithmetic.worker.js', import.meta.url),
    { threads: 2 },
  );
  const fileIds: Uint8Array[] = [];
  const shards: Promise<FoldResult | Rotten>[] = [];
  for (let first = 0; first < clients; first += SHARD) {
    const fileId = newBodyId();
    fileIds.push(fileId);
    const shard = submissions.slice(first, first + SHARD);
    const task = {
      bodies: directory,
      submissions: shard,
      grid: GRID,
      dimension: params,
      encoding: 'int32' as const,
      fileId,
      strategy: { name: 'FedAvg' },
    };
    shards.push(threads.run(task, { name: 'fold' }));
  }
  for (const result of await Promise.all(shards)) if ('rotten' in result) throw new Error(result.rotten);
  const store = new FileBodyStore(directory);
  const sum = new ExactSum(GRID, params);
  const bytes = new Uint8Array(sumHeader(0, 0).length + 8 * params);
  for (const id of fileIds) {
    await readInto(store, id, bytes);
    sum.mergeBytes(bytes);
  }
  fedAvg(sum.values, sum.totalWeight, GRID);
  await threads.destroy();
  return { peak: peakMB(), atStart };
}

/** One body under the names of as many: to whoever reads them, they are many. */
async function sameBody(directory: string, clients: number, params: number): Promise<FoldTask['submissions']> {
  const ids = Array.from({ length: clients }, newBodyId);
  const writer = new FileBodyStore(directory).create(ids[0]!);
  const hash = createHash('sha256');
  for (let from = 0; from < params; from += WRITTEN) {
    const integers = Int32Array.from({ length: Math.min(WRITTEN, params - from) }, (_, j) => ((from + j) % 401) - 200);
    const bytes = new Uint8Array(integers.buffer);
    hash.update(bytes);
    await writer.write(bytes);
  }
  await writer.commit();
  const payloadDigest = hash.digest();
  const paths = ids.map((id) => Buffer.from(id).toString('hex')).map((name) => join(directory, name.slice(0, 2), name));
  for (const path of paths.slice(1)) {
    await mkdir(dirname(path), { recursive: true });
    await link(paths[0]!, path);
  }
  return ids.map((bodyId) => ({ bodyId, payloadDigest, weight: 1 }));
}

async function readInto(store: FileBodyStore, id: Uint8Array, bytes: Uint8Array): Promise<void> {
  const body = await store.open(id);
  await body.read(bytes, 0);
  await body.close();
}

/** Linux keeps the high-water mark. */
function peakMB(): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Math.round(Number(kilobytes ?? 0) / 1024);
}
