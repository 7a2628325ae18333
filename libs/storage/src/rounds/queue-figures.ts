import type { Pool } from '../database/index.js';

/** Jobs of a queue now. The database's clock tells the age. */
export interface QueueFigures {
  readonly name: string;
  /** also those that wait for others, as publishing does for its shards */
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  /** null where none waits */
  readonly oldestWaitingMs: number | null;
}

/** @returns only queues that hold a job */
export async function readQueues(pool: Pool): Promise<QueueFigures[]> {
  const { rows } = await pool.query<QueueFigures>(
    'select name, waiting, active, delayed, failed, oldest_waiting_ms as "oldestWaitingMs" from rounds.queues() order by name',
  );
  return rows;
}
