import pg from 'pg';

import { appliedMigrations } from '../migrate/index.js';
import { copyOut } from './copy.js';

/** A table as a backup names it; columns in the order of its rows. */
export interface DumpedTable {
  /** quoted and with its schema: fit for SQL */
  readonly name: string;
  readonly columns: readonly string[];
}

export interface Dump {
  /** by which the schema came to be, in order */
  readonly migrations: readonly string[];
  /** each after those that its rows refer to */
  readonly tables: readonly DumpedTable[];
  /** SHA-256 of every model, topology and evaluation set that a row names, hex */
  readonly files: readonly string[];
  /** One table's rows. To be read to the end before the next is asked for. */
  rows(table: DumpedTable): AsyncIterable<Uint8Array>;
}

/**
 * Ours are all but the queue's, whose jobs only repeat what our tables say. Seeds of noise stay behind: with one, whoever
 * has the backup takes the noise off what is published after it, and no restored database draws from it.
 */
const TABLES = `
  select c.oid::int as id, format('%I.%I', n.nspname, c.relname) as name,
         (select array_agg(format('%I', a.attname) order by a.attnum) from pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
         array(select k.confrelid::int from pg_constraint k where k.conrelid = c.oid and k.contype = 'f') as "refersTo"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'public', 'bullmq')
     and (n.nspname, c.relname) not in (('rounds', 'noise'), ('rounds', 'tree'))
   order by name`;

const FILES = `
  select encode(digest, 'hex') as digest from rounds.model
   union select f.digest from keys.use_case,
     lateral (values (draft ->> 'initialModel'), (draft ->> 'topology'), (draft ->> 'evaluationSet')) as f (digest)
   where f.digest is not null
   order by 1`;

interface TableRow extends DumpedTable {
  readonly id: number;
  readonly refersTo: readonly number[];
}

/**
 * Reads a database as it is at one moment, while others go on writing.
 *
 * @param read  called with the snapshot open
 */
export async function dumpDatabase<T>(adminUrl: string, read: (dump: Dump) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {}); // the query under way says so
  await client.connect();
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    const tables = inOrder((await client.query<TableRow>(TABLES)).rows);
    return await read({
      migrations: await appliedMigrations(client),
      tables: tables.map(({ name, columns }) => ({ name, columns })),
      files: (await client.query<{ digest: string }>(FILES)).rows.map(({ digest }) => digest),
      rows: ({ name, columns }) => copyOut(client, `copy ${name} (${columns.join(', ')}) to stdout`),
    });
  } finally {
    await client.end();
  }
}

/** Each table after those it refers to. */
function inOrder(tables: readonly TableRow[]): TableRow[] {
  const ordered: TableRow[] = [];
  const known = new Set<number>();
  while (ordered.length < tables.length) {
    const next = tables.filter(
      ({ id, refersTo }) => !known.has(id) && refersTo.every((other) => other === id || known.has(other)),
    );
    if (next.length === 0) throw new Error('tables refer to each other in a circle');
    for (const table of next) known.add(table.id);
    ordered.push(...next);
  }
  return ordered;
}
