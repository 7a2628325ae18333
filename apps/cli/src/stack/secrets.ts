import { randomBytes } from 'node:crypto';
import { link, mkdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { ed25519 } from '@noble/curves/ed25519.js';

import { readOrCreateSecret, readSecretFile } from '#process';
import { ROLES, type RolePasswords } from '#storage/migrate';

/** What one Starling keeps to itself, each in a file of its own that only its owner may read. */
export interface Secrets {
  /** path; issuer and intake read it */
  readonly masterKeyFile: string;
  /** path; intake reads it */
  readonly permitKeyFile: string;
  /** path; the coordinator reads it */
  readonly signingKeyFile: string;
  /** path; the coordinator reads it, for the transparency log */
  readonly logKeyFile: string;
  /** path; the launcher's own: how many lives it has seen of the database */
  readonly incarnationFile: string;
  /** Ed25519 public key that devices pin, hex */
  readonly deploymentKey: string;
  /** a researcher's key with every scope */
  readonly apiKey: string;
  readonly passwords: RolePasswords;
}

/** What a backup may hold of a secrets folder: all but the count of lives, which a restore must not bring back. */
export const SECRET_NAMES: readonly string[] = [
  'master.key',
  'permit.key',
  'signing.key',
  'log.key',
  'api-key',
  ...ROLES.map((role) => `database-${role}`),
];

/** Ed25519 public key that devices pin, hex; undefined where there is no signing key yet. */
export async function readDeploymentKey(directory: string): Promise<string | undefined> {
  const file = join(directory, 'signing.key');
  if (!(await stat(file).catch(() => undefined))) return undefined;
  return publicHalf(await readSecretFile(file, 32));
}

const publicHalf = (seed: Uint8Array): string => Buffer.from(ed25519.getPublicKey(seed)).toString('hex');

/** Made at the first start, the same at every later one. */
export async function loadSecrets(directory: string): Promise<Secrets> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const text = async (name: string): Promise<string> =>
    (
      await readOrCreateSecret(join(directory, name), () => Buffer.from(randomBytes(24).toString('base64url')))
    ).toString();

  const masterKeyFile = join(directory, 'master.key');
  const permitKeyFile = join(directory, 'permit.key');
  const signingKeyFile = join(directory, 'signing.key');
  const logKeyFile = join(directory, 'log.key');
  await takeOver(join(directory, 'wrapping.key'), masterKeyFile);
  await readOrCreateSecret(masterKeyFile, 32);
  await readOrCreateSecret(permitKeyFile, 32);
  await readOrCreateSecret(logKeyFile, 32);
  const seed = await readOrCreateSecret(signingKeyFile, 32);
  const passwords = await Promise.all(ROLES.map(async (role) => [role, await text(`database-${role}`)] as const));
  return {
    masterKeyFile,
    permitKeyFile,
    signingKeyFile,
    logKeyFile,
    incarnationFile: join(directory, 'incarnation'),
    deploymentKey: publicHalf(seed),
    apiKey: await text('api-key'),
    passwords: Object.fromEntries(passwords) as Record<(typeof ROLES)[number], string>,
  };
}

/** Gives a secret its new name, unless there is one of that name: a key is never replaced. */
async function takeOver(former: string, now: string): Promise<void> {
  try {
    await link(former, now);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EEXIST') return;
    throw error;
  }
  await unlink(former);
}
