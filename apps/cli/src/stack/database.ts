import { join } from 'node:path';

import pg from 'pg';

import { startEmbeddedPostgres, type EmbeddedPostgres } from '#storage/embedded';

export interface Database {
  /** of a role that may create schemas and roles; a secret */
  readonly adminUrl: string;
  readonly port: number;
  readonly embedded: boolean;
  stop(): Promise<void>;
}

/** The database of an embedded server. */
export const DATABASE = 'starling';

/** The same server and role, another of its databases. */
export function onDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

/** Yours, when DATABASE_URL is set. */
export const givenDatabase = (): string | undefined => process.env['DATABASE_URL'] || undefined;

/** Yours when DATABASE_URL is set, unless it must not be used; else one of our own below `directory`. */
export async function openDatabase(
  directory: string,
  onStop: (error: Error) => void,
  { ownDatabase = false }: { readonly ownDatabase?: boolean } = {},
): Promise<Database> {
  const given = ownDatabase ? undefined : givenDatabase();
  if (given !== undefined) {
    return { adminUrl: given, port: Number(new URL(given).port || 5432), embedded: false, stop: async () => {} };
  }
  const server = await startServer(directory, onStop);
  await createDatabase(server.url).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  return {
    adminUrl: onDatabase(server.url, DATABASE),
    port: server.port,
    embedded: true,
    stop: () => server.stop(),
  };
}

/** The embedded server alone, whatever databases it has. */
export const startServer = (directory: string, onStop: (error: Error) => void): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ directory: postgresDirectory(directory), port: 54_320, onUnaskedStop: onStop });

export const postgresDirectory = (directory: string): string => join(directory, 'postgres');

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}
