import { z } from 'zod';

import { ConfigError, readSecretFile } from '#process';

import type { KeyEncryption } from './key-encryption.js';
import { KmsCommand } from './kms-command.js';
import { LocalEncryption } from './local-encryption.js';
import type { PrimaryKeys } from './primary-keys.js';

export const MASTER_KEY_BYTES = 32;

/** Of a process that opens primary keys; exactly one of the three. */
export const MASTER_KEY_SETTINGS = {
  /** file of 32 bytes that only its owner may read */
  MASTER_KEY_FILE: z.string().optional(),
  /** the same 32 bytes in hex */
  MASTER_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** program that wraps and unwraps elsewhere: see `KmsCommand` */
  KMS_COMMAND: z.string().optional(),
};
export type MasterKeySettings = Partial<Readonly<Record<keyof typeof MASTER_KEY_SETTINGS, string | undefined>>>;

/** @throws ConfigError unless exactly one is set, ProcessError where the file is missing, exposed or of another length */
export async function openMasterKey(settings: MasterKeySettings): Promise<KeyEncryption> {
  const names = Object.keys(MASTER_KEY_SETTINGS) as (keyof MasterKeySettings)[];
  const set = names.filter((name) => settings[name] !== undefined);
  if (set.length !== 1) {
    const found = set.length === 0 ? 'none is' : `${set.join(' and ')} are`;
    throw new ConfigError(`exactly one of ${names.join(', ')} must be set, and ${found}`, names);
  }
  const { MASTER_KEY_FILE: file, MASTER_KEY: hex, KMS_COMMAND: program } = settings;
  if (program !== undefined) return new KmsCommand(program);
  return new LocalEncryption(
    file === undefined ? Buffer.from(hex!, 'hex') : await readSecretFile(file, MASTER_KEY_BYTES),
  );
}

/**
 * Opens one of the primary keys there are, so that a process with a wrong master key says so at its start.
 *
 * @throws StorageError `wrong_master_key`, `kms_failed`
 */
export async function assertMasterKey(primaryKeys: PrimaryKeys, encryption: KeyEncryption): Promise<void> {
  const some = await primaryKeys.some();
  if (some !== undefined) await encryption.unwrap(some.wrapped, some);
}
