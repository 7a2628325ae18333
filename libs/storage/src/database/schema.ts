import { readdir } from 'node:fs/promises';

import type { Queryable } from './pool.js';
import { StorageError } from './storage-error.js';

/** Where the migrations are, as they were written; `starling migrate` applies them in order. */
export const MIGRATIONS = new URL('../../../../../libs/storage/src/migrate/sql/', import.meta.url);

export async function migrationNames(): Promise<string[]> {
  return (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
}

/**
 * Refuses a database that is behind this version. One that is ahead is fine: a newer version of Starling may be
 * on its way in while this one still runs.
 *
 * @throws StorageError `not_migrated`, or PostgreSQL's own error where nothing was ever migrated
 */
export async function assertMigrated(database: Queryable): Promise<void> {
  const { rows } = await database.query<{ name: string }>('select name from public.kysely_migration');
  const applied = new Set(rows.map(({ name }) => name));
  const missing = (await migrationNames()).find((name) => !applied.has(name));
  if (missing === undefined) return;
  throw new StorageError('not_migrated', `The database lacks ${missing}: run starling migrate.`);
}
