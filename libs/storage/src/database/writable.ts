import type { Pool } from './pool.js';
import { StorageError } from './storage-error.js';

/**
 * Looks whether the database can be written to now.
 *
 * @throws StorageError `read_only`, or the driver's error where there is no answer
 */
export async function assertWritable(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ readOnly: boolean }>(
    `select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as "readOnly"`,
  );
  if (rows[0]!.readOnly) throw new StorageError('read_only', 'PostgreSQL takes no writes.');
}
