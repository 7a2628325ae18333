import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { type Account, canEnter, chooseAccount } from './account.js';
import { EmbeddedPostgresError } from './errors.js';

/** Where the cluster, its password and its log live, and whom the server runs as. */
export interface Home {
  readonly directory: string;
  readonly cluster: string;
  readonly passwordFile: string;
  readonly logFile: string;
  /** undefined: as ourselves */
  readonly account: Account | undefined;
}

/**
 * The directory asked for. For root, where the server's account cannot enter that one (a clone below a home of mode 700),
 * `<stateDirectory>/<hash of its path>`; a note in the directory asked for says so.
 *
 * Once there is a cluster in one of the two it stays there, whatever becomes of the modes: a change of mode must not
 * start an empty database, which has forgotten every spent token.
 */
export async function settleHome(asked: string, stateDirectory: string): Promise<Home> {
  const directory = resolve(asked);
  const home = await homeIn(directory);
  const account = home.account;
  if (!account) return home;

  const away = join(stateDirectory, createHash('sha256').update(directory).digest('hex').slice(0, 16));
  const movedBefore = await exists(join(away, 'cluster'));
  if (!movedBefore && canEnter(directory, account)) return home;
  if (await exists(home.cluster)) {
    throw new EmbeddedPostgresError(
      'unusable_directory',
      movedBefore
        ? `there are two databases: ${home.cluster} and ${away}/cluster. Move away the one you do not want, then start again.`
        : `uid ${account.uid}, whom PostgreSQL runs as, can no longer enter ${directory}. Give it back the right (chmod o+x, on the directories above as well).`,
    );
  }
  await makeDirectory(stateDirectory);
  const moved = await homeIn(away);
  await writeFile(
    join(directory, 'moved.txt'),
    `PostgreSQL cannot enter this directory as uid ${account.uid}.\nIt lives in ${away}\n`,
  );
  return moved;
}

async function homeIn(directory: string): Promise<Home> {
  try {
    await makeDirectory(directory);
  } catch (error) {
    throw new EmbeddedPostgresError(
      'unusable_directory',
      `${directory} cannot be made (${(error as Error).message}). Choose another data directory.`,
      { cause: error },
    );
  }
  const cluster = join(directory, 'cluster');
  return {
    directory,
    cluster,
    passwordFile: join(directory, 'password'),
    logFile: join(directory, 'server.log'),
    account: await chooseAccount(cluster),
  };
}

/** A directory we make can be entered, not listed, by the server's account, even under a strict umask; one that was there is left as it is. */
async function makeDirectory(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made !== undefined) await chmod(path, 0o711);
  if (!(await stat(path)).isDirectory()) throw new Error('not a directory');
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
