import { execFile } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { FaultyLink } from '../fixtures/faulty-link.js';
import type { OwnPostgres } from '../fixtures/own-postgres.js';
import { processTree } from '../fixtures/process-tree.js';
import type { TestStarling } from '../fixtures/starling.js';

const run = promisify(execFile);

export interface Site {
  readonly postgres: OwnPostgres;
  readonly link: FaultyLink;
  readonly starling: TestStarling;
}

/** Something that breaks, and what mends it. */
export interface Fault {
  readonly name: string;
  /** processes that must say within two seconds that they cannot work */
  readonly stops: readonly string[];
  begin(site: Site): Promise<() => Promise<void>>;
}

const ALL = ['issuer 0', 'intake 0', 'coordinator', 'worker'];

export const FAULTS: readonly Fault[] = [
  {
    name: 'killed',
    stops: ALL,
    async begin({ postgres }) {
      await postgres.kill();
      return () => postgres.start();
    },
  },
  {
    name: 'stopped',
    stops: ALL,
    async begin({ postgres }) {
      await postgres.stop();
      return () => postgres.start();
    },
  },
  {
    name: 'hangs',
    stops: ALL,
    async begin({ postgres }) {
      const pids = processTree(postgres.pid);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      return async () => {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
      };
    },
  },
  {
    name: 'silent link',
    stops: ALL,
    async begin({ link }) {
      link.hold();
      return async () => link.release();
    },
  },
  {
    // Statements get through and their answers do not: every commit under way becomes a doubt.
    name: 'cut link',
    stops: [],
    async begin({ link }) {
      const cuts = setInterval(() => link.cut(), 100);
      return async () => clearInterval(cuts);
    },
  },
  {
    name: 'slow link',
    stops: [],
    async begin({ link }) {
      link.delayMs = 100;
      return async () => {
        link.delayMs = 0;
      };
    },
  },
  {
    // Acceptances wait for a lock until the pool has no connection left.
    name: 'pool exhausted',
    stops: [],
    async begin({ starling }) {
      const holder = await starling.database.admin.connect();
      await holder.query('begin; lock table intake.spent_token in access exclusive mode');
      return async () => {
        await holder.query('rollback');
        holder.release();
      };
    },
  },
  {
    name: 'disk full',
    stops: ['intake 0'],
    begin: ({ starling }) => (isRoot ? fill : lock)(join(starling.directory, 'bodies')),
  },
];

const isRoot = process.getuid?.() === 0;

/** Until not even a byte fits. */
async function fill(folder: string): Promise<() => Promise<void>> {
  const filler = join(folder, 'filler');
  for (const size of [65_536, 4096, 1]) {
    let isFull = false;
    while (!isFull) {
      isFull = await writeFile(filler, new Uint8Array(size), { flag: 'a' }).then(
        () => false,
        () => true,
      );
    }
  }
  return () => rm(filler);
}

/** Who may not mount a small disk takes the leave to write away instead. */
async function lock(folder: string): Promise<() => Promise<void>> {
  await chmod(folder, 0o500);
  return () => chmod(folder, 0o700);
}

/** Makes a folder one that is full after a few megabytes. Only root can; else it stays as it is. @returns what ends it */
export async function mountSmallDisk(folder: string): Promise<() => Promise<void>> {
  if (!isRoot) return async () => {};
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'tmpfs', folder]);
  return async () => void (await run('umount', ['--lazy', folder]));
}
