import { readdir, readFile } from 'node:fs/promises';

import { runMigrations as migrateQueue } from 'bullmq';
import { Kysely, Migrator, PostgresDialect, sql } from 'kysely';
import pg from 'pg';

import { createRoles, grantQueue, type RolePasswords } from './roles.js';

/** The SQL files are read where they were written; they are not compiled. */
const SQL_FOLDER = new URL('../../../../../libs/storage/src/migrate/sql/', import.meta.url);

/**
 * Brings a database to this version's schema: roles, then the numbered SQL files not yet run, then
 * BullMQ's tables. Safe to run again and from several processes at once.
 *
 * @param adminUrl  of a role that may create roles and schemas
 */
export async function migrate(adminUrl: string, passwords: RolePasswords): Promise<void> {
  const pool = new pg.Pool({ connectionString: adminUrl, max: 2 });
  pool.on('error', () => {});
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await createRoles(pool, passwords);
    const { error } = await new Migrator({ db: database, provider: { getMigrations } }).migrateToLatest();
    if (error !== undefined) throw error;
    const client = await pool.connect();
    try {
      await migrateQueue(client, 'bullmq');
      await grantQueue(client);
    } finally {
      client.release();
    }
  } finally {
    await database.destroy();
  }
}

/** Brings a new database to an older version's schema, for a backup of that version. Without roles' passwords and queue. */
export async function migrateTo(adminUrl: string, migration: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: adminUrl, max: 2 });
  pool.on('error', () => {});
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const { error } = await new Migrator({ db: database, provider: { getMigrations } }).migrateTo(migration);
    if (error !== undefined) throw error;
  } finally {
    await database.destroy();
  }
}

/** All that this version has, in order. */
export const knownMigrations = async (): Promise<string[]> =>
  (await readdir(SQL_FOLDER)).filter((name) => name.endsWith('.sql')).sort();

/** Those that made a database what it is, in order. */
export async function appliedMigrations(database: Pick<pg.ClientBase, 'query'>): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>('select name from public.kysely_migration order by name');
  return rows.map(({ name }) => name);
}

async function getMigrations(): Promise<Record<string, { up(database: Kysely<unknown>): Promise<void> }>> {
  const names = await knownMigrations();
  const entries = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, SQL_FOLDER), 'utf8');
      return [name, { up: async (database: Kysely<unknown>) => void (await sql.raw(text).execute(database)) }] as const;
    }),
  );
  return Object.fromEntries(entries);
}
