import { stat } from 'node:fs/promises';

import pg from 'pg';

import { assertDurable, migrationNames } from '#storage/database';
import { findEmbeddedPostgres } from '#storage/embedded';

import { DATABASE, givenDatabase, onDatabase, postgresDirectory } from '../stack/database.js';
import { bad, ok, warn, type Finding } from './finding.js';

const LEAST_POSTGRES = 14;
const PATIENCE_MS = 4000;
/** Requests for tokens may be five minutes off; long before, somebody should know. */
const SKEW_MS = 2000;

/** The database that DATABASE_URL names, else the one that runs in the directory. It is only read. */
export async function lookAtDatabase(directory: string, now: () => number): Promise<Finding[]> {
  const given = givenDatabase();
  const embedded = given === undefined ? await findEmbedded(directory) : undefined;
  const url = given ?? embedded;
  if (url === undefined)
    return [
      warn('database', 'The embedded PostgreSQL does not run.', 'Start it: npx starling up. Or set DATABASE_URL.'),
    ];
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return [
      await lookAtVersion(client),
      await lookAtDurability(client),
      await lookAtMigrations(client),
      await lookAtClock(client, now),
    ];
  } catch (error) {
    return [unreachable(error, given !== undefined)];
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Where there is none, looking for it would make its folder. */
const findEmbedded = async (directory: string): Promise<string | undefined> => {
  if (!(await stat(postgresDirectory(directory)).catch(() => undefined))) return undefined;
  const server = await findEmbeddedPostgres({ directory: postgresDirectory(directory) }).catch(() => undefined);
  return server === undefined ? undefined : onDatabase(server, DATABASE);
};

/** Its code and no more: messages may quote the URL, which has a password. */
function unreachable(error: unknown, isGiven: boolean): Finding {
  const code = (error as NodeJS.ErrnoException).code ?? 'no answer in time';
  const next = isGiven
    ? 'See that DATABASE_URL is right, and that the server runs and lets this machine in.'
    : 'See postgres/server.log.';
  return bad('database', `It cannot be reached (${code}).`, next);
}

async function lookAtVersion(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ version: string }>("select current_setting('server_version') as version");
  const { version } = rows[0]!;
  return parseInt(version, 10) >= LEAST_POSTGRES
    ? ok('database', `PostgreSQL ${version}`)
    : bad('database', `PostgreSQL ${version} is too old.`, `Use ${LEAST_POSTGRES} or later.`);
}

async function lookAtDurability(client: pg.Client): Promise<Finding> {
  try {
    await assertDurable(client);
    return ok('durability', 'What it acknowledged it keeps.');
  } catch (error) {
    return bad('durability', (error as Error).message, 'No process starts on it before.');
  }
}

async function lookAtMigrations(client: pg.Client): Promise<Finding> {
  const names = await migrationNames();
  const applied = await client.query<{ name: string }>('select name from public.kysely_migration').then(
    ({ rows }) => rows.map(({ name }) => name),
    (): string[] => [],
  );
  const pending = names.filter((name) => !applied.includes(name));
  if (pending.length === 0) return ok('migrations', `all ${names.length} applied`);
  return bad(
    'migrations',
    `${pending.length} of ${names.length} are not applied: ${pending[0]} first.`,
    'Run npx starling migrate; starling up does so itself.',
  );
}

/** Half of the way there and back is taken off. */
async function lookAtClock(client: pg.Client, now: () => number): Promise<Finding> {
  const before = now();
  const { rows } = await client.query<{ ms: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  );
  const skew = Math.abs(rows[0]!.ms - (before + now()) / 2);
  if (skew <= SKEW_MS) return ok('clocks', 'This machine and the database agree.');
  return warn(
    'clocks',
    `The database's clock is ${(skew / 1000).toFixed(0)} s off this machine's.`,
    'Let both follow NTP: the database’s decides what is open.',
  );
}
