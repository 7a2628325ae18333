import { z } from 'zod';

import { ConfigError, ProcessError } from '#process';
import { openPool, StorageError } from '#storage/database';
import { MASTER_KEY_SETTINGS, openMasterKey, rewrapKeys, type KeyEncryption } from '#storage/keys';

import { CliError, EXIT } from '../cli-error.js';
import { print } from '../output/print.js';
import { readAdminEnvironment } from './admin-environment.js';
import { noteCommand } from './note-command.js';

const RewrapConfig = z.object({
  /** of the role that owns the tables */
  DATABASE_URL: z.string().min(1),
  ...MASTER_KEY_SETTINGS,
  NEW_MASTER_KEY_FILE: MASTER_KEY_SETTINGS.MASTER_KEY_FILE,
  NEW_MASTER_KEY: MASTER_KEY_SETTINGS.MASTER_KEY,
  NEW_KMS_COMMAND: MASTER_KEY_SETTINGS.KMS_COMMAND,
});

/** Changes the master key: wraps every primary key anew, or none. */
export async function rewrap(options: { readonly json?: boolean }): Promise<void> {
  const env = readAdminEnvironment(RewrapConfig);
  const former = await opened(() => openMasterKey(env));
  const next = await opened(() =>
    openMasterKey({
      MASTER_KEY_FILE: env.NEW_MASTER_KEY_FILE,
      MASTER_KEY: env.NEW_MASTER_KEY,
      KMS_COMMAND: env.NEW_KMS_COMMAND,
    }),
  );
  const pool = openPool(env.DATABASE_URL, { max: 1, isPatient: true });
  try {
    const keys = await rewrapKeys(pool, former, next);
    await noteCommand(env.DATABASE_URL, 'master-key.change', { keys });
    print(options, { keys }, () => `Primary keys wrapped under the new master key: ${keys}.`);
  } catch (error) {
    if (error instanceof StorageError) throw new CliError(EXIT.failed, `Nothing was changed. ${error.message}`);
    throw error;
  } finally {
    await pool.end();
  }
}

async function opened(open: () => Promise<KeyEncryption>): Promise<KeyEncryption> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof ConfigError || error instanceof ProcessError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}
