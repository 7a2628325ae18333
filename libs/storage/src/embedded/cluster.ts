import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { identifyProcess, isProcessRunning, readOrCreateSecret, syncDirectory } from '#process';
import { randomBytes } from 'node:crypto';

import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './errors.js';
import type { Home } from './home.js';
import { launch } from './launch.js';

export const SUPERUSER = 'postgres';
const UNFINISHED = 'initdb-';

/**
 * Makes the cluster if there is none, and finds the superuser's password.
 *
 * initdb works in a directory of its own, which takes the cluster's name only when it is complete. So a
 * cluster is there or not, never half; what a killed initdb left is removed.
 *
 * @returns the superuser's password
 * @throws EmbeddedPostgresError `damaged_cluster`, `wrong_version`, `missing_password`, `initdb_failed`
 */
export async function ensureCluster(home: Home, binaries: Binaries): Promise<string> {
  await removeUnfinished(home.directory);
  const complete = await isComplete(home.cluster, binaries.majorVersion);
  if (complete && !(await stat(home.passwordFile).catch(() => undefined))) throw missingPassword(home);

  // Before initdb, so that of two that make the cluster at once both know the password of the one that stays.
  const secret = await readOrCreateSecret(home.passwordFile, () => Buffer.from(randomBytes(24).toString('base64url')));
  const password = secret.toString('utf8');
  if (!complete) await makeCluster(home, binaries, password);
  return password;
}

/** Nothing is ever deleted or made anew over files we do not understand: they may be somebody's only ledger of spent tokens. */
async function isComplete(cluster: string, majorVersion: string): Promise<boolean> {
  const entries = await readdir(cluster).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return false;

  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  const control = await stat(join(cluster, 'global', 'pg_control')).catch(() => undefined);
  if (!version || !control) {
    throw new EmbeddedPostgresError(
      'damaged_cluster',
      `${cluster} holds files, but not a whole PostgreSQL database. Restore it from a backup, or move it away to begin with an empty one.`,
    );
  }
  if (version !== majorVersion) {
    throw new EmbeddedPostgresError(
      'wrong_version',
      `${cluster} was made by PostgreSQL ${version}, this is ${majorVersion}. Dump it with version ${version} and load it into a new data directory.`,
    );
  }
  return true;
}

async function removeUnfinished(directory: string): Promise<void> {
  for (const entry of await readdir(directory)) {
    if (!entry.startsWith(UNFINISHED)) continue;
    const maker = entry.slice(UNFINISHED.length);
    if (!isProcessRunning(maker)) await rm(join(directory, entry), { recursive: true, force: true, maxRetries: 3 });
  }
}

async function makeCluster(home: Home, binaries: Binaries, password: string): Promise<void> {
  const workshop = join(home.directory, UNFINISHED + identifyProcess()!);
  const made = join(workshop, 'cluster');
  const passwordCopy = join(workshop, 'password');
  try {
    await mkdir(workshop, { mode: 0o700 });
    await writeFile(passwordCopy, `${password}\n`, { mode: 0o600 });
    if (home.account) {
      // The server's account reads this copy; the lasting one stays ours alone.
      for (const path of [workshop, passwordCopy]) await chown(path, home.account.uid, home.account.gid);
    }
    await runInitdb(home, binaries, ['-D', made, `--pwfile=${passwordCopy}`]);
    await rename(made, home.cluster).catch((error: NodeJS.ErrnoException) => {
      const madeByAnother = error.code === 'ENOTEMPTY' || error.code === 'EEXIST';
      if (!madeByAnother) throw error;
    });
    await syncDirectory(home.directory);
  } finally {
    await rm(workshop, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function runInitdb(home: Home, { initdb }: Binaries, args: readonly string[]): Promise<void> {
  const child = launch({
    program: initdb,
    args: [...args, '-U', SUPERUSER, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C'],
    account: home.account,
    deathSignal: 'SIGKILL', // what it leaves is removed at the next start
    output: 'pipe',
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  if (how === 'code 0') return;
  throw new EmbeddedPostgresError(
    'initdb_failed',
    `the database could not be made in ${home.directory} (initdb: ${how}). Check that the disk has room and that the directory ` +
      `is on a local file system, then start again. It said:\n${output.trim().slice(-4_096)}`,
  );
}

function missingPassword({ cluster, passwordFile }: Home): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'missing_password',
    `${cluster} is there, but ${passwordFile}, its password, is not. Restore that file from a backup, or move the database away to begin with an empty one.`,
  );
}
