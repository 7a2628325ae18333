import type { Worker } from 'bullmq';
import { Counter, Histogram, type Registry } from 'prom-client';

import { publishRows, type RowMetric } from '#edge';
import { QUEUE } from '#queue';
import type { QueueFigures } from '#storage/rounds';

const STATES = ['waiting', 'active', 'delayed', 'failed'] as const;
/** Seconds: from a shard of a small model to the publishing of a large one. */
const BUCKETS = [0.01, 0.05, 0.25, 1, 5, 25, 120];

const QUEUES: readonly RowMetric<QueueFigures>[] = [
  {
    name: 'starling_queue_jobs',
    help: 'Jobs in the queue now, by state',
    kind: 'now',
    labels: ['queue', 'state'],
    values: (row) => STATES.map((state) => [{ queue: row.name, state }, row[state]] as const),
  },
  {
    name: 'starling_queue_oldest_waiting_seconds',
    help: 'How long the job has waited that waits longest',
    kind: 'now',
    labels: ['queue'],
    values: (row) => [[{ queue: row.name }, (row.oldestWaitingMs ?? 0) / 1000]],
  },
];

/** An empty queue has no rows, and is nought all the same. */
const withEmpty = (rows: readonly QueueFigures[]): QueueFigures[] =>
  Object.values(QUEUE).map(
    (name) =>
      rows.find((row) => row.name === name) ??
      ({ name, waiting: 0, active: 0, delayed: 0, failed: 0, oldestWaitingMs: null } satisfies QueueFigures),
  );

export const publishQueues = (metrics: Registry, read: () => Promise<readonly QueueFigures[]>): void =>
  publishRows(metrics, async () => withEmpty(await read()), QUEUES);

/** What this process did. */
export class WorkCounts {
  readonly #updates: Counter;
  readonly #bytes: Counter;
  readonly #seconds: Histogram<'queue' | 'outcome'>;

  constructor(metrics: Registry) {
    const registers = [metrics];
    this.#updates = new Counter({ name: 'starling_folded_updates_total', help: 'Updates summed', registers });
    this.#bytes = new Counter({ name: 'starling_folded_bytes_total', help: 'Bytes of the updates summed', registers });
    this.#seconds = new Histogram({
      name: 'starling_job_seconds',
      help: 'How long jobs took, by queue and by how a try ended',
      labelNames: ['queue', 'outcome'],
      buckets: BUCKETS,
      registers,
    });
  }

  folded({ updates, bytes }: { readonly updates: number; readonly bytes: number }): void {
    this.#updates.inc(updates);
    this.#bytes.inc(bytes);
  }

  /** From now on its jobs count. */
  watch(worker: Worker): void {
    const count = (outcome: string, since: number | undefined): void => {
      if (since !== undefined) this.#seconds.observe({ queue: worker.name, outcome }, (Date.now() - since) / 1000);
    };
    worker.on('completed', ({ processedOn }) => count('completed', processedOn));
    worker.on('failed', (job) => count('failed', job?.processedOn));
  }
}
