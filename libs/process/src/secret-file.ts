import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { ProcessError } from './errors.js';

/**
 * Writes a file only its owner may read, atomically and durably: a crash leaves the old
 * file or the new one, never half of one, and once this returns not even a power cut undoes it.
 */
export async function writeSecretFile(path: string, bytes: Uint8Array): Promise<void> {
  await publish(path, bytes, (temporary) => rename(temporary, path));
}

/**
 * The secret in the file; made when there is none. Of several processes that make it at once, one wins and all get its secret.
 *
 * @param make  a number of random bytes, or what makes the first secret
 * @throws ProcessError `exposed_secret` when group or others have any right on the file,
 *   `bad_secret` when it is empty or not as long as asked for
 */
export async function readOrCreateSecret(path: string, make: number | (() => Uint8Array)): Promise<Buffer> {
  const present = await readSecret(path);
  if (present) return checkLength(path, present, make);

  const fresh = typeof make === 'number' ? randomBytes(make) : make();
  // A hard link, unlike a rename, never replaces what another process put there meanwhile.
  await publish(path, fresh, (temporary) => link(temporary, path).catch(ignore('EEXIST')));
  return checkLength(path, (await readSecret(path))!, make);
}

/**
 * The secret in a file that somebody else made.
 *
 * @throws ProcessError `exposed_secret`, `bad_secret` also when there is no such file
 */
export async function readSecretFile(path: string, length: number): Promise<Buffer> {
  const secret = await readSecret(path);
  if (secret === undefined) throw new ProcessError('bad_secret', `${path} is not there: it must hold ${length} bytes.`);
  return checkLength(path, secret, length);
}

async function readSecret(path: string): Promise<Buffer | undefined> {
  const status = await stat(path).catch(ignore('ENOENT'));
  if (!status) return undefined;
  if ((status.mode & 0o077) !== 0) {
    const mode = (status.mode & 0o777).toString(8);
    throw new ProcessError(
      'exposed_secret',
      `${path} has mode ${mode}: others on this machine may have read it. Replace the secret, or run "chmod 600 ${path}" if nobody did.`,
    );
  }
  return readFile(path);
}

function checkLength(path: string, secret: Buffer, make: number | (() => Uint8Array)): Buffer {
  const wrong = typeof make === 'number' ? secret.length !== make : secret.length === 0;
  if (!wrong) return secret;
  const wanted = typeof make === 'number' ? `${make}` : 'some';
  throw new ProcessError(
    'bad_secret',
    `${path} holds ${secret.length} bytes where ${wanted} were expected; restore it from a backup.`,
  );
}

async function publish(path: string, bytes: Uint8Array, put: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await put(temporary);
    await syncDirectory(dirname(path));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Makes the names in a directory durable; a file's own fsync does not. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

const ignore =
  (code: string) =>
  (error: unknown): undefined => {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  };
