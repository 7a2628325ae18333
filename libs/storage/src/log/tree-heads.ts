import { crashPoint } from '#crash-point';
import { HEADS_PER_PAGE, type SignedTreeHead, type TreeHead } from '#protocol';

import { inTransaction, type Client, type Pool } from '../database/index.js';
import { lockLog, readFrontier } from './append-leaves.js';

export interface HeadSchedule {
  /** heads are dated at multiples of this; ms */
  readonly intervalMs: number;
  /** without news there is one each so many intervals, so that everybody sees the log alive */
  readonly keepAlive: number;
}

const SELECT_HEAD = 'select timestamp::float8 as timestamp, size::float8 as size, root, signature from log.head';

/** Signed tree heads, on one schedule for everybody: the database's clock says when the next is due. */
export class TreeHeads {
  constructor(private readonly pool: Pool) {}

  /**
   * Adds the head of this moment of the schedule, unless there is one, or nothing to say. Of several
   * coordinators that try, one does.
   *
   * @returns whether this call added one
   */
  async add({ intervalMs, keepAlive }: HeadSchedule, sign: (head: TreeHead) => Uint8Array): Promise<boolean> {
    return inTransaction(this.pool, async (client) => {
      await lockLog(client);
      const timestamp = await momentOf(client, intervalMs);
      const frontier = await readFrontier(client);
      const last = await newest(client);
      if (last !== undefined && timestamp <= last.timestamp) return false;
      const isSilent = last !== undefined && timestamp < last.timestamp + keepAlive * intervalMs;
      if (frontier.size === 0 || (frontier.size === last?.size && isSilent)) return false;
      const head = { size: frontier.size, root: frontier.root(), timestamp };
      await client.query(
        `insert into log.head (number, timestamp, size, root, signature)
         select coalesce(max(number) + 1, 0), $1, $2, $3, $4 from log.head`,
        [timestamp, head.size, head.root, sign(head)],
      );
      crashPoint('coordinator-signing');
      return true;
    });
  }

  /** undefined before the first */
  async latest(): Promise<SignedTreeHead | undefined> {
    return newest(this.pool);
  }

  /** Heads in order of their dates, 256 a page. */
  async page(page: number): Promise<SignedTreeHead[]> {
    const { rows } = await this.pool.query<SignedTreeHead>(
      `${SELECT_HEAD} where number >= $1 and number < $2 order by number`,
      [page * HEADS_PER_PAGE, (page + 1) * HEADS_PER_PAGE],
    );
    return rows;
  }
}

async function newest(client: Pick<Client, 'query'>): Promise<SignedTreeHead | undefined> {
  const text = `${SELECT_HEAD} order by number desc limit 1`;
  const { rows } = await client.query<SignedTreeHead>({ name: 'newest-head', text });
  return rows[0];
}

/** The last moment of the schedule. Not now(): the transaction may have waited for the lock. */
async function momentOf(client: Client, intervalMs: number): Promise<number> {
  const { rows } = await client.query<{ now: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
  );
  return Math.floor(rows[0]!.now / intervalMs) * intervalMs;
}
