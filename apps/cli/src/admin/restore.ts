import { mkdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';

import pg from 'pg';

import { ProcessError, takeLock, writeSecretFile } from '#process';
import { BackupReader, loadDatabase, type Loaded, type Section, type TableRows } from '#storage/backup';
import { ModelStore } from '#storage/bodies';
import { StorageError } from '#storage/database';

import { CliError, EXIT } from '../cli-error.js';
import { print } from '../output/print.js';
import { DATABASE, givenDatabase, onDatabase, startServer } from '../stack/database.js';
import { describeRestore } from '../stack/restore-guard.js';
import { readDeploymentKey, SECRET_NAMES } from '../stack/secrets.js';
import { About, ABOUT, parseSection } from './backup-sections.js';
import { noteCommand } from './note-command.js';

export interface RestoreOptions {
  readonly from: string;
  readonly directory: string;
  readonly models?: string;
  readonly json?: boolean;
}

/** Where a restore fills a database until it is whole. */
const UNFINISHED = 'starling_restoring';

/**
 * A backup into an empty deployment. Nothing is overwritten: neither a database, nor a secret that is another. No
 * token that may have been spent since the backup is taken afterwards.
 */
export async function restore(options: RestoreOptions): Promise<void> {
  const directory = resolve(options.directory);
  const reader = await BackupReader.open(options.from).catch((error: unknown) => {
    throw refused(error, options.from);
  });
  try {
    const about = await readAbout(reader);
    const loaded = await locked(directory, async () => {
      await checkSecrets(reader, directory, about);
      return givenDatabase() === undefined
        ? restoreEmbedded(reader, about, { ...options, directory })
        : restoreGiven(givenDatabase()!, reader, about, { ...options, directory });
    });
    const { retired } = loaded;
    const next =
      givenDatabase() === undefined ? `npx starling up --directory ${options.directory}` : 'npx starling migrate';
    print(options, { madeAt: about.madeAt, retired }, () =>
      [`Restored: ${about.madeAt}.`, describeRestore(retired), `Next: ${next}`].join('\n'),
    );
  } catch (error) {
    throw refused(error, options.from);
  } finally {
    await reader.close();
  }
}

function refused(error: unknown, from: string): unknown {
  if (error instanceof StorageError)
    return new CliError(EXIT.failed, `Nothing was restored from ${from}: ${error.message}.`);
  return error;
}

async function readAbout(reader: BackupReader): Promise<About> {
  for await (const { name, chunks } of reader.sections()) {
    if (name !== ABOUT) break;
    const about = About.safeParse(JSON.parse((await buffer(chunks)).toString()));
    if (about.success) return about.data;
    break;
  }
  throw new StorageError('bad_digest', 'it does not say what it is');
}

async function locked<T>(directory: string, work: () => Promise<T>): Promise<T> {
  // Root's PostgreSQL runs as another user, who has to get through here to a folder of its own.
  await mkdir(directory, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const lock = await takeLock(join(directory, 'starling.lock')).catch((error: unknown) => {
    if (!(error instanceof ProcessError && error.code === 'already_running')) throw error;
    throw new CliError(
      EXIT.failed,
      `A Starling is running in ${directory} (process ${error.pid}): a backup goes into an empty deployment. Stop it and move its directory away, or use another --directory.`,
    );
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Devices believe one signing key only: with others the database would be worth nothing. */
async function checkSecrets(reader: BackupReader, directory: string, about: About): Promise<void> {
  const folder = join(directory, 'secrets');
  const present = await readDeploymentKey(folder);
  let hasSecrets = false;
  for await (const { name } of reader.sections()) hasSecrets ||= parseSection(name).kind === 'secret';
  if (present !== undefined && about.deploymentKey !== undefined && present !== about.deploymentKey) {
    throw new CliError(EXIT.failed, `The secrets in ${folder} are another deployment's: nothing was restored.`);
  }
  if (present === undefined && !hasSecrets && givenDatabase() === undefined) {
    throw new CliError(
      EXIT.failed,
      `This backup holds no secrets, and there are none in ${folder}: bring them back first, mode 600. Without them no token can be issued and no device believes the deployment.`,
    );
  }
}

interface Place {
  readonly directory: string;
  readonly models?: string;
}

/** The database gets its name when it is whole: what a killed restore leaves is made anew by the next. */
async function restoreEmbedded(reader: BackupReader, about: About, place: Place): Promise<Loaded> {
  const server = await startServer(place.directory, () => undefined);
  try {
    return await onServer(server.url, async (admin) => {
      const { rowCount } = await admin.query('select from pg_database where datname = $1', [DATABASE]);
      if (rowCount !== 0) {
        throw new StorageError(
          'not_empty',
          `there is a database in ${place.directory} already, and nothing is overwritten: use another --directory`,
        );
      }
      await admin.query(`drop database if exists ${UNFINISHED}`);
      await admin.query(`create database ${UNFINISHED}`);
      const loaded = await fill(onDatabase(server.url, UNFINISHED), reader, about, place);
      await writeIncarnation(place.directory, loaded);
      await admin.query(`alter database ${UNFINISHED} rename to ${DATABASE}`);
      return loaded;
    });
  } finally {
    await server.stop();
  }
}

async function restoreGiven(url: string, reader: BackupReader, about: About, place: Place): Promise<Loaded> {
  const loaded = await fill(url, reader, about, place);
  if (await stat(join(place.directory, 'secrets')).catch(() => undefined))
    await writeIncarnation(place.directory, loaded);
  return loaded;
}

async function onServer<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** The launcher need not retire again what is retired. */
const writeIncarnation = (directory: string, { incarnation }: Loaded): Promise<void> =>
  writeSecretFile(join(directory, 'secrets', 'incarnation'), Buffer.from(`${incarnation}\n`));

/** Files first: a row never names one that is not there. */
async function fill(adminUrl: string, reader: BackupReader, about: About, place: Place): Promise<Loaded> {
  const models = new ModelStore(place.models ?? join(place.directory, 'models'));
  for await (const section of reader.sections()) await putFile(section, models, join(place.directory, 'secrets'));
  const loaded = await loadDatabase(adminUrl, about.migrations, tablesOf(reader, about));
  await noteCommand(adminUrl, 'deployment.restore', { madeAt: about.madeAt });
  return loaded;
}

async function putFile({ name: title, chunks }: Section, models: ModelStore, secrets: string): Promise<void> {
  const { kind, name } = parseSection(title);
  if (kind === 'model') {
    const digest = Buffer.from(await models.putStream(chunks)).toString('hex');
    if (digest === name) return;
    await rm(models.path(Buffer.from(digest, 'hex')));
    throw new StorageError('bad_digest', `the model ${name} was damaged before it was backed up`);
  }
  if (kind !== 'secret' || !SECRET_NAMES.includes(name)) return;
  await mkdir(secrets, { recursive: true, mode: 0o700 });
  // The same deployment's, or none: the signing key was compared before.
  if ((await stat(join(secrets, name)).catch(() => undefined)) === undefined) {
    await writeSecretFile(join(secrets, name), await buffer(chunks));
  }
}

async function* tablesOf(reader: BackupReader, about: About): AsyncGenerator<TableRows> {
  const tables = new Map(about.tables.map((table) => [table.name, table]));
  for await (const { name: title, chunks } of reader.sections()) {
    const { kind, name } = parseSection(title);
    const table = kind === 'table' ? tables.get(name) : undefined;
    if (table !== undefined) yield { table, rows: chunks };
  }
}
