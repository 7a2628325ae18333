import { chmod } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';

import { FaultyLink } from '../fixtures/faulty-link.js';
import type { OwnPostgres } from '../fixtures/own-postgres.js';
import { processTree } from '../fixtures/process-tree.js';
import { canMount, fill } from '../fixtures/small-disk.js';
import type { TestStarling } from '../fixtures/starling.js';

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
      await holder.query('set idle_in_transaction_session_timeout = 0');
      await holder.query('begin; lock table intake.spent_token in access exclusive mode');
      return async () => {
        await holder.query('rollback');
        holder.release(true);
      };
    },
  },
  {
    name: 'disk of bodies full',
    stops: ['intake 0'],
    begin: ({ starling }) => (canMount ? fill : lock)(join(starling.directory, 'bodies')),
  },
  canMount
    ? {
        // PostgreSQL dies of it, and cannot come back before there is room.
        name: 'disk of PostgreSQL full',
        stops: ALL,
        async begin({ postgres }) {
          const client = new pg.Client({ connectionString: postgres.server.adminUrl });
          await client.connect();
          const free = await fill(postgres.directory);
          await writeUntilDeath(client);
          return async () => {
            await free();
            await postgres.stop();
            await postgres.start();
          };
        },
      }
    : {
        name: 'PostgreSQL takes no writes',
        stops: ALL,
        async begin({ postgres }) {
          await setReadOnly(postgres, true);
          return () => setReadOnly(postgres, false);
        },
      },
];

/** More than the largest disk of a test, in messages of a megabyte. */
const MOST_MESSAGES = 4096;

/**
 * Uses the log of writes up, until there is no room for its next file. PostgreSQL dies of that; of a table that cannot
 * grow it does not.
 */
async function writeUntilDeath(client: pg.Client): Promise<void> {
  let lives = true;
  client.on('error', () => (lives = false));
  client.on('end', () => (lives = false));
  const write = () => client.query("select pg_logical_emit_message(false, 'full', repeat('x', 1000000))");
  for (let left = MOST_MESSAGES; lives; left--) {
    if (left === 0) throw new Error('PostgreSQL outlived its full disk');
    await write().catch(() => undefined);
  }
}

async function setReadOnly({ server }: OwnPostgres, isReadOnly: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  await client.query(`alter system set default_transaction_read_only = ${isReadOnly}`);
  await client.query('select pg_reload_conf()');
  await client.end();
}

/** Who may not mount a small disk takes the leave to write away instead. */
async function lock(folder: string): Promise<() => Promise<void>> {
  await chmod(folder, 0o500);
  return () => chmod(folder, 0o700);
}
