import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';

import { EmbeddedPostgresError } from './errors.js';

/** Whom PostgreSQL runs as, when that is not who we are. It refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Chooses whom PostgreSQL runs as. An unprivileged user's server runs as that user (undefined). Root's runs as the owner
 * of the cluster when there is one already, else as `nobody`: no user is created.
 *
 * @throws EmbeddedPostgresError `foreign_cluster` when we are neither root nor the cluster's owner
 */
export async function chooseAccount(clusterDirectory: string): Promise<Account | undefined> {
  const uid = process.getuid!();
  const cluster = await stat(clusterDirectory).catch(() => undefined);
  if (uid !== 0) {
    if (cluster && cluster.uid !== uid) throw foreignCluster(clusterDirectory, cluster.uid, uid);
    return undefined;
  }
  return cluster && cluster.uid !== 0 ? { uid: cluster.uid, gid: cluster.gid } : nobody();
}

/**
 * Whether the account can enter a directory. The kernel is asked, by trying as that account: modes alone
 * would miss access lists, and one closed directory anywhere above is enough.
 *
 * @throws EmbeddedPostgresError `cannot_leave_root` when root may not become another user
 */
export function canEnter(directory: string, account: Account): boolean {
  const trial = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory], { ...account, cwd: '/', stdio: 'ignore' });
  if (trial.error) {
    throw new EmbeddedPostgresError(
      'cannot_leave_root',
      `PostgreSQL refuses to run as root, and this root may not become uid ${account.uid} (${trial.error.message}). ` +
        'Start Starling as an ordinary user, or set DATABASE_URL to a PostgreSQL of yours.',
      { cause: trial.error },
    );
  }
  return trial.status === 0;
}

function nobody(): Account {
  const passwd = readFileSync('/etc/passwd', { encoding: 'utf8', flag: 'r' });
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? [];
  return uid === undefined ? { uid: 65_534, gid: 65_534 } : { uid: Number(uid), gid: Number(gid) };
}

function foreignCluster(directory: string, owner: number, uid: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'foreign_cluster',
    `the database in ${directory} belongs to uid ${owner}, and this is uid ${uid}. Start Starling as root or as that user, ` +
      'or choose another data directory.',
  );
}
