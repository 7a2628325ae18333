import { readFile } from 'node:fs/promises';

import { runMigrations as migrateQueue } from 'bullmq';
import { Kysely, Migrator, PostgresDialect, sql } from 'kysely';
import pg from 'pg';

import { MIGRATIONS, migrationNames } from '../database/index.js';

import { createRoles, grantLedger, grantQueue, type RolePasswords } from './roles.js';

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
      await grantLedger(client);
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

/** Those that made a database what it is, in order. */
export async function appliedMigrations(database: Pick<pg.ClientBase, 'query'>): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>('select name from public.kysely_migration order by name');
  return rows.map(({ name }) => name);
}

async function getMigrations(): Promise<Record<string, { up(database: Kysely<unknown>): Promise<void> }>> {
  const names = await migrationNames();
  const entries = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, MIGRATIONS), 'utf8');
      return [name, { up: async (database: Kysely<unknown>) => void (await sql.raw(text).execute(database)) }] as const;
    }),
  );
  return Object.fromEntries(entries);
}
