import { z } from 'zod';

import { ConfigError, readSecretFile } from '#process';

const PERMIT_KEY_BYTES = 32;

/** One of the two, and the same in every intake process of a deployment. */
export const PERMIT_KEY_SETTINGS = {
  /** file of 32 bytes that only its owner may read */
  PERMIT_KEY_FILE: z.string().optional(),
  /** the same 32 bytes in hex */
  PERMIT_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
};

/** What permits are made under. Nothing else is, and it opens nothing else. @throws ConfigError unless exactly one is set */
export async function readPermitKey(settings: {
  readonly PERMIT_KEY_FILE?: string | undefined;
  readonly PERMIT_KEY?: string | undefined;
}): Promise<Uint8Array> {
  const { PERMIT_KEY_FILE: file, PERMIT_KEY: hex } = settings;
  if ((file === undefined) === (hex === undefined)) {
    throw new ConfigError('exactly one of PERMIT_KEY_FILE, PERMIT_KEY must be set', Object.keys(PERMIT_KEY_SETTINGS));
  }
  return file === undefined ? Buffer.from(hex!, 'hex') : readSecretFile(file, PERMIT_KEY_BYTES);
}
