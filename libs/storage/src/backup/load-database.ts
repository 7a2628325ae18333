import pg from 'pg';

import { migrationNames, StorageError } from '../database/index.js';
import {
  createMissingRoles,
  migrateTo,
  raiseIncarnation,
  retireAllEpochs,
  type RetiredEpochs,
} from '../migrate/index.js';
import { copyIn } from './copy.js';
import type { DumpedTable } from './dump-database.js';

/** Numbers that the database gives out go on after those that are taken. */
const CONTINUE_NUMBERS = `
  do $$ declare c record; begin
    for c in select format('%I.%I', table_schema, table_name) as name, column_name as number
               from information_schema.columns where is_identity = 'YES' and table_schema in ('access', 'keys', 'rounds', 'log')
    loop
      execute format('select setval(pg_get_serial_sequence(%L, %L), coalesce(max(%I), 0) + 1, false) from %s',
                     c.name, c.number, c.number, c.name);
    end loop;
  end $$`;

export interface TableRows {
  readonly table: DumpedTable;
  readonly rows: AsyncIterable<Uint8Array>;
}

export interface Loaded {
  /** epochs whose tokens are refused from now on: some may have been spent since the backup */
  readonly retired: readonly RetiredEpochs[];
  /** the database's count of its lives */
  readonly incarnation: number;
}

/** Bodies of single updates are in no backup: a round that was being summed up has lost them. */
const ABANDON_FROZEN = `
  update rounds.round set state = 'abandoned', reason = 'failed',
         detail = 'A backup was restored, and updates of rounds under way are in no backup.'
   where state = 'frozen'`;

/**
 * Fills an empty database from a backup, and refuses all tokens that may have been spent since it was taken, in one
 * transaction: the database is never there without that.
 *
 * @param migrations  those of the backup
 * @param tables  in an order in which each comes after those that it refers to
 * @throws StorageError `not_empty` for a database in which a Starling was, `newer_version` for a backup of a later one
 */
export async function loadDatabase(
  adminUrl: string,
  migrations: readonly string[],
  tables: AsyncIterable<TableRows>,
): Promise<Loaded> {
  await assertKnown(migrations);
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {}); // the query under way says so
  await client.connect();
  try {
    await assertEmpty(client);
    await createMissingRoles(client);
    await migrateTo(adminUrl, migrations.at(-1)!);
    await client.query('begin');
    await client.query('delete from keys.incarnation');
    for await (const { table, rows } of tables) {
      await copyIn(client, `copy ${table.name} (${table.columns.join(', ')}) from stdin`, rows);
    }
    await client.query(CONTINUE_NUMBERS);
    const retired = await retireAllEpochs(client);
    await client.query(ABANDON_FROZEN);
    const incarnation = await raiseIncarnation(client);
    await client.query('commit');
    return { retired, incarnation };
  } finally {
    await client.end();
  }
}

async function assertKnown(migrations: readonly string[]): Promise<void> {
  const known = await migrationNames();
  if (migrations.length > 0 && migrations.every((name, i) => name === known[i])) return;
  throw new StorageError(
    'newer_version',
    'this backup was made by a later version of Starling: restore it with that one',
  );
}

async function assertEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query("select from pg_namespace where nspname in ('keys', 'identity', 'rounds')");
  if (rows.length === 0) return;
  throw new StorageError(
    'not_empty',
    'the database is not empty: a backup goes into a new one, so that nothing is overwritten',
  );
}
