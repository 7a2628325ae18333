import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { ProcessError, takeLock } from '#process';
import { findEmbeddedPostgres } from '#storage/embedded';

import { CliError, EXIT } from '../cli-error.js';
import { DATABASE, givenDatabase, onDatabase, openDatabase, postgresDirectory } from '../stack/database.js';

/** The given database, the one that runs in the directory, or the one that lies there, started for as long as it takes. */
export async function withDatabase<T>(directory: string, work: (adminUrl: string) => Promise<T>): Promise<T> {
  const given = givenDatabase();
  if (given !== undefined) return work(given);
  if (!(await stat(postgresDirectory(directory)).catch(() => undefined))) {
    throw new CliError(EXIT.failed, `There is no Starling in ${directory}.`);
  }
  const lock = await takeLock(join(directory, 'starling.lock')).catch((error: unknown) => {
    if (error instanceof ProcessError && error.code === 'already_running') return undefined;
    throw error;
  });
  if (lock === undefined) {
    const server = await findEmbeddedPostgres({ directory: postgresDirectory(directory) });
    if (server !== undefined) return work(onDatabase(server, DATABASE));
    throw new CliError(EXIT.failed, `The Starling in ${directory} is starting or stopping. Try again in a moment.`);
  }
  try {
    const database = await openDatabase(directory, () => undefined);
    return await work(database.adminUrl).finally(() => database.stop());
  } finally {
    await lock.release();
  }
}
