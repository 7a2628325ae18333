import { assertDurable } from './durability.js';
import type { Pool } from './pool.js';
import { assertMigrated } from './schema.js';

export interface Waiting {
  /** told each time what is missing, in words that quote nothing */
  readonly onWait: (reason: string) => void;
  /** who stops meanwhile is not told of anything any more */
  readonly signal: AbortSignal;
  /** how long a refused password may be one that migrations have yet to set, ms */
  readonly patienceMs?: number;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;
const PATIENCE_MS = 60_000;

/**
 * Waits for a database that a process can work with: one that answers, forgets nothing, and is migrated. So processes
 * and PostgreSQL may start in any order.
 *
 * A role that is not there yet looks like a wrong password, so that one is fatal only after a while.
 *
 * @param begin  the process's own first look at the database; tried again where the database is the reason
 * @throws StorageError `not_durable`, and whatever else no waiting mends
 */
export async function awaitDatabase(
  pool: Pool,
  begin: () => Promise<void>,
  { onWait, signal, patienceMs = PATIENCE_MS }: Waiting,
): Promise<void> {
  let refusedSince: number | undefined;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      await assertDurable(pool);
      await assertMigrated(pool);
      return await begin();
    } catch (error) {
      if (signal.aborted) return never();
      const reason = reasonToWait(error);
      if (REFUSED.has(codeOf(error))) refusedSince ??= performance.now();
      if (reason === undefined || performance.now() - (refusedSince ?? Infinity) > patienceMs) throw error;
      onWait(reason);
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (signal.aborted) return never();
  }
}

/** The process is about to end, and what would come next must not begin. */
const never = (): Promise<never> => new Promise(() => undefined);

const REFUSED = new Set(['28P01', '28000']);

/** Codes of Node and of PostgreSQL, and what each says of a database that may yet come. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  'PostgreSQL, which does not answer': [
    ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EPIPE'],
    ...['ENOENT', '57014', '08006'],
  ],
  'PostgreSQL, which is starting or stopping': ['57P01', '57P02', '57P03'],
  'a connection to PostgreSQL: all are taken': ['53300'],
  'its database, which PostgreSQL does not have yet': ['3D000'],
  'PostgreSQL to take its password: it is wrong, or starling migrate has not run': ['28P01', '28000'],
  'starling migrate': ['not_migrated', '42P01', '42501', '3F000', '42883'],
  'PostgreSQL, which is read-only': ['25006'],
};
const REASON_OF = new Map(Object.entries(REASONS).flatMap(([reason, codes]) => codes.map((code) => [code, reason])));

/** What the driver says without a code. */
const UNANSWERED = /timeout|Connection terminated|connection error/i;

/** @returns undefined where waiting does not help */
export function reasonToWait(error: unknown): string | undefined {
  const reason = REASON_OF.get(codeOf(error));
  if (reason !== undefined) return reason;
  return codeOf(error) === '' && UNANSWERED.test((error as Error).message) ? REASON_OF.get('ECONNREFUSED') : undefined;
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | undefined)?.code ?? '');
