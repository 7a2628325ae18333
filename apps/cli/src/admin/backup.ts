import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { BackupWriter, dumpDatabase, type Dump } from '#storage/backup';
import { ModelStore } from '#storage/bodies';

import { CliError, EXIT } from '../cli-error.js';
import { print } from '../output/print.js';
import { readDeploymentKey, SECRET_NAMES } from '../stack/secrets.js';
import { ABOUT, section, type About } from './backup-sections.js';
import { noteCommand } from './note-command.js';
import { withDatabase } from './with-database.js';

export interface BackupOptions {
  readonly to: string;
  readonly directory: string;
  readonly models?: string;
  readonly withSecrets?: boolean;
  readonly json?: boolean;
}

/** Everything a Starling keeps, as it was at one moment, in one file; it may go on working meanwhile. */
export async function backup(options: BackupOptions): Promise<void> {
  const directory = resolve(options.directory);
  const to = await placeOf(options.to);
  const done = await withDatabase(directory, async (adminUrl) => {
    const written = await dumpDatabase(adminUrl, (dump) => writeBackup(to, dump, { ...options, directory }));
    await noteCommand(adminUrl, 'deployment.backup', { withSecrets: written.secrets > 0 });
    return written;
  });
  const secrets = done.secrets === 0 ? 'Secrets are not in it: keep copies of them elsewhere.' : 'SECRETS ARE IN IT.';
  print(
    options,
    { file: to, ...done },
    () => `${to}: ${done.tables} tables, ${done.models} models, ${done.bytes} bytes.\n${secrets}`,
  );
}

/** A file that is not there yet; in a directory, one with the time in its name. */
async function placeOf(to: string): Promise<string> {
  const found = await stat(to).catch(() => undefined);
  if (found?.isDirectory() === true) {
    return join(resolve(to), `starling-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.backup`);
  }
  if (found !== undefined) throw new CliError(EXIT.usage, `${to} is there already: a backup replaces no file.`);
  return resolve(to);
}

interface Done {
  readonly tables: number;
  readonly models: number;
  readonly secrets: number;
  readonly bytes: number;
}

async function writeBackup(to: string, dump: Dump, options: Omit<BackupOptions, 'to'>): Promise<Done> {
  const secretsFolder = join(options.directory, 'secrets');
  const models = new ModelStore(options.models ?? join(options.directory, 'models'));
  const deploymentKey = await readDeploymentKey(secretsFolder);
  const about: About = {
    madeAt: new Date().toISOString(),
    migrations: [...dump.migrations],
    tables: dump.tables.map(({ name, columns }) => ({ name, columns: [...columns] })),
    ...(deploymentKey === undefined ? {} : { deploymentKey }),
  };
  const writer = await BackupWriter.create(to);
  try {
    await writer.section(ABOUT, [Buffer.from(JSON.stringify(about))]);
    for (const table of dump.tables) await writer.section(section.table(table.name), dump.rows(table));
    for (const digest of dump.files) await writer.section(section.model(digest), readModel(models, digest));
    const secrets = options.withSecrets === true ? await readSecrets(secretsFolder) : new Map<string, Buffer>();
    for (const [name, bytes] of secrets) await writer.section(section.secret(name), [bytes]);
    const bytes = await writer.finish();
    return { tables: dump.tables.length, models: dump.files.length, secrets: secrets.size, bytes };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** The file is durable before the first row names it, and is never changed. A damaged one shows when it is restored. */
async function* readModel(models: ModelStore, digest: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(models.path(Buffer.from(digest, 'hex')))) yield chunk as Buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CliError(EXIT.failed, `The model ${digest} is not where models are kept: give its folder with --models.`);
  }
}

async function readSecrets(folder: string): Promise<Map<string, Buffer>> {
  const secrets = new Map<string, Buffer>();
  for (const name of SECRET_NAMES) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (bytes !== undefined) secrets.set(name, bytes);
  }
  if (secrets.size === 0) throw new CliError(EXIT.failed, `There are no secrets in ${folder}.`);
  return secrets;
}
