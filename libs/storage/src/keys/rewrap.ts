import { inTransaction, type Pool } from '../database/index.js';
import type { KeyEncryption } from './key-encryption.js';

/**
 * Wraps every primary key under another master key, all of them or none. For the owner of the tables: no
 * process of ours may change a wrapped key.
 *
 * @returns how many
 * @throws StorageError `wrong_master_key`, `kms_failed`
 */
export async function rewrapKeys(pool: Pool, former: KeyEncryption, next: KeyEncryption): Promise<number> {
  return inTransaction(pool, async (client) => {
    // A key that an issuer adds meanwhile would be missed.
    await client.query('lock table keys.primary_key in share row exclusive mode');
    const { rows } = await client.query<{ id: string; useCase: string; suite: string; wrapped: Uint8Array }>(
      'select id, use_case as "useCase", suite, wrapped from keys.primary_key',
    );
    for (const row of rows) {
      const wrapped = await next.wrap(await former.unwrap(row.wrapped, row), row);
      await client.query('update keys.primary_key set wrapped = $2 where id = $1', [row.id, wrapped]);
    }
    return rows.length;
  });
}
