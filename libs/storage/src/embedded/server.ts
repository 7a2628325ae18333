import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort, identifyProcess } from '#process';

import { type Binaries, prepareBinaries } from './binaries.js';
import { ensureCluster, SUPERUSER } from './cluster.js';
import { EmbeddedPostgresError } from './errors.js';
import { awaitFormerServer, readPostmasterFile } from './former-server.js';
import { type Home, settleHome } from './home.js';
import type { Guard } from './launch.js';
import { Postmaster } from './postmaster.js';
import { type AskedSettings, checkSettings, settingArguments } from './settings.js';

export interface EmbeddedPostgresOptions {
  /** Holds the cluster, its password and its log; made when missing. */
  readonly directory: string;
  /** The port one would like; another is used when it is taken, and any free one by default. */
  readonly port?: number;
  /** PostgreSQL settings; those that keep data safe and private are fixed. */
  readonly settings?: AskedSettings;
  /** Each line of the server's log, up to 200 ms after it is written. */
  readonly onLog?: (line: string) => void;
  /** Called when the server ends and nobody stopped it. */
  readonly onUnaskedStop?: (error: EmbeddedPostgresError) => void;
  /** Where root's cluster goes when PostgreSQL cannot enter the directory; default `/var/lib/starling`. */
  readonly stateDirectory?: string;
  /** How the server learns of our death; default the best there is. */
  readonly guard?: Guard;
}

export interface EmbeddedPostgres {
  /** The superuser's, with the password in it: a secret. */
  readonly url: string;
  readonly port: number;
  /** The server's process. */
  readonly pid: number;
  /** Ends connections and the server; safe to repeat. */
  stop(): Promise<void>;
}

/** Where root's cluster goes when PostgreSQL cannot enter the directory asked for. */
const STATE_DIRECTORY = '/var/lib/starling';
const FORMER_PATIENCE_MS = 30_000;
const RETRY_MS = 100;
/** Starts that failed because another process was faster: to the port, or in leaving the shared memory. */
const TRANSIENT =
  /Address already in use|could not create any TCP\/IP sockets|shared memory block .* is still in use|lock file ".*" already exists/;
const STARTS = 20;

/**
 * Starts the PostgreSQL that comes from npm, and makes its cluster at the first start. It listens on 127.0.0.1 only, asks for a password,
 * and dies with this process, even on `kill -9`. Call it from the main thread.
 *
 * A `pg.Pool` needs a listener for 'error', or the end of the server ends the process.
 *
 * @throws EmbeddedPostgresError
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  checkSettings(options.settings ?? {});
  const home = await settleHome(options.directory, options.stateDirectory ?? STATE_DIRECTORY);
  const binaries = await prepareBinaries(home);
  const password = await ensureCluster(home, binaries);
  const { postmaster, port } = await startOnFreePort(home, binaries, options);
  return {
    url: superuserUrl(password, port),
    port,
    pid: postmaster.pid,
    stop: () => postmaster.stop(),
  };
}

/**
 * The URL of the server that another process of this machine runs in a directory; undefined where none takes connections.
 *
 * @throws EmbeddedPostgresError `unusable_directory`
 */
export async function findEmbeddedPostgres(
  options: Pick<EmbeddedPostgresOptions, 'directory' | 'stateDirectory'>,
): Promise<string | undefined> {
  const home = await settleHome(options.directory, options.stateDirectory ?? STATE_DIRECTORY);
  const file = await readPostmasterFile(home.cluster);
  if (file?.status !== 'ready') return undefined;
  return superuserUrl(await readFile(home.passwordFile, 'utf8'), file.port);
}

const superuserUrl = (password: string, port: number): string =>
  `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;

async function startOnFreePort(
  home: Home,
  { postgres }: Binaries,
  options: EmbeddedPostgresOptions,
): Promise<{ postmaster: Postmaster; port: number }> {
  for (let starts = 1; ; starts++) {
    await awaitFormerServer(home.cluster, FORMER_PATIENCE_MS);
    const port = await freePort(options.port);
    const own = { port, 'starling.launcher': identifyProcess()! };
    const args = ['-D', home.cluster, ...settingArguments(options.settings ?? {}, own)];
    try {
      return { postmaster: await Postmaster.start(home, postgres, args, options), port };
    } catch (error) {
      const again =
        error instanceof EmbeddedPostgresError && error.code === 'start_failed' && TRANSIENT.test(error.message);
      if (!again || starts === STARTS) throw error;
      await sleep(RETRY_MS);
    }
  }
}
