import pg from 'pg';

/** A pool of connections of one role. A class, so that it can be a Nest token. */
export const Pool = pg.Pool;
export type Pool = pg.Pool;
export type Client = pg.PoolClient;
export type Queryable = Pick<pg.Pool, 'query'>;

export interface PoolOptions {
  /** connections at most */
  readonly max?: number;
  /** what to do with an error of an idle connection; a pool without a listener ends the process when the server stops */
  readonly onIdleError?: (error: Error) => void;
  /** an administrator's tool: nobody else waits, and what it does may take long */
  readonly isPatient?: boolean;
}

/**
 * Nothing waits for ever, ms. Our statements take milliseconds; closing a large round takes longer and says so
 * itself (`patiently`). The server gives up first, and says why. We wait longer only for one that hangs,
 * and then throw its connection away: what became of the statement is not known.
 */
export const TIMEOUTS = {
  /** to be connected, or for a connection of the pool to be free */
  connectionTimeoutMillis: 5_000,
  lock_timeout: 6_000,
  statement_timeout: 8_000,
  query_timeout: 9_000,
  /** of a client that went away with a transaction open: its locks hold up everybody else */
  idle_in_transaction_session_timeout: 15_000,
} as const;

/** In front of a transaction's statements that take the longer the larger a round is; they are asked with `patiently`. */
export const BE_PATIENT = "set local statement_timeout = '110 s'";

export const patiently = (text: string, values: unknown[]): pg.QueryConfig => {
  const query_timeout = 120_000; // the driver knows it, its types do not
  return Object.assign({ text, values }, { query_timeout });
};

/** Finds out within a minute or so that the other end is gone, also where nothing is asked. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;

export function openPool(connectionString: string, options: PoolOptions = {}): Pool {
  const { max = 10, onIdleError = () => {}, isPatient = false } = options;
  const pool = new pg.Pool({ connectionString, max, ...(isPatient ? {} : TIMEOUTS), ...KEEP_ALIVE });
  pool.on('error', onIdleError);
  return pool;
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // The pool listens to idle connections only: one that breaks between two statements would end the process.
  const onBreak = (error: Error): void => void (broken = error);
  client.on('error', onBreak);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    broken ??= isUnanswered(error) ? (error as Error) : await rollback(client);
    throw error;
  } finally {
    client.off('error', onBreak);
    client.release(broken);
  }
}

/** @returns why the connection cannot be used any more */
async function rollback(client: Client): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause : new Error('rollback failed');
  }
}

/** No answer came in time: a rollback would wait behind the statement. */
const isUnanswered = (error: unknown): boolean => (error as Error | undefined)?.message === 'Query read timeout';

/** Longest wait for a database that hangs, when there is nothing more to be done with it. */
const CLOSE_MS = 1000;

/** Ends a pool once its connections are given back, or soon. */
export async function closePool(pool: Pool): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)));
  await Promise.race([pool.end(), late]);
  clearTimeout(timer);
}
