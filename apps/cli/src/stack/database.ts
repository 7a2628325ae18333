import { join } from 'node:path';

import pg from 'pg';

import { startEmbeddedPostgres } from '#storage/embedded';

export interface Database {
  /** of a role that may create schemas and roles; a secret */
  readonly adminUrl: string;
  readonly port: number;
  readonly embedded: boolean;
  stop(): Promise<void>;
}

const NAME = 'starling';

/** Yours when DATABASE_URL is set, else one of our own below `directory`. */
export async function openDatabase(directory: string, onStop: (error: Error) => void): Promise<Database> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') {
    return { adminUrl: given, port: Number(new URL(given).port || 5432), embedded: false, stop: async () => {} };
  }
  const server = await startEmbeddedPostgres({
    directory: join(directory, 'postgres'),
    port: 54_320,
    onUnaskedStop: onStop,
  });
  const url = new URL(server.url);
  await createDatabase(server.url).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  url.pathname = `/${NAME}`;
  return { adminUrl: url.href, port: server.port, embedded: true, stop: () => server.stop() };
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [NAME]);
    if (rowCount === 0) await client.query(`create database ${NAME}`);
  } finally {
    await client.end();
  }
}
