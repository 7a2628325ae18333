import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from '@jest/globals';

import {
  IS_ROOT,
  isAlive,
  launchElsewhere,
  processesOn,
  query,
  scratch,
  UNPRIVILEGED,
  until,
} from './embedded-postgres.fixture.js';
import { startEmbeddedPostgres } from './index.js';

/** A process that ended answers signals until whoever has it now has asked how. */
const isReaped = (pid: number): Promise<void> => until(() => !isAlive(pid));

describe('when the launching process dies', () => {
  const directory = scratch();
  afterAll(() => expect(processesOn(directory)).toEqual([]));

  // Mutants: no death signal (the server runs on for ever); no wait for the old one (the start fails at once);
  // taking a server that is shutting down for somebody else's.
  it.each(['setpriv', 'guardian'])(
    '[PGE9] kill -9 leaves no process, and the directory starts again at once (%s)',
    async (guard) => {
      const launcher = await launchElsewhere({ directory, guard });
      await query(
        launcher.url,
        'create table if not exists acknowledged (n int)',
        'insert into acknowledged values (1)',
      );
      expect(processesOn(directory).length).toBeGreaterThan(3);
      launcher.process.kill('SIGKILL');
      const server = await startEmbeddedPostgres({ directory });
      await isReaped(launcher.pid);
      const { rows } = await query(server.url, 'select count(*)::int as n from acknowledged');
      await server.stop();
      expect(rows[0].n).toBe(guard === 'setpriv' ? 1 : 2);
      expect(processesOn(directory)).toEqual([]);
    },
  );

  it('[PGE9] kill -9 without a new start leaves no process either', async () => {
    const launcher = await launchElsewhere({ directory });
    launcher.process.kill('SIGKILL');
    await until(() => processesOn(directory).length === 0);
    await isReaped(launcher.pid);
    expect(processesOn(directory)).toEqual([]);
  });

  // Mutant: without the replaced pid PostgreSQL says "lock file already exists", as the pid answers signals.
  it('[PGE10] a stale pid file whose pid is in use again does not stop the start', async () => {
    const launcher = await launchElsewhere({ directory });
    const path = join(directory, 'cluster', 'postmaster.pid');
    const text = readFileSync(path, 'utf8');
    launcher.process.kill('SIGKILL');
    await until(() => processesOn(directory).length === 0);

    // The new owner of the pid must be one the server's account may signal, or PostgreSQL itself would see through it.
    const stranger = spawn('sleep', ['60'], IS_ROOT ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {});
    writeFileSync(path, text.replace(/^\d+/, `${stranger.pid}`));
    const server = await startEmbeddedPostgres({ directory, guard: 'guardian' });
    await server.stop();
    writeFileSync(path, text.replace(/^\d+/, `${stranger.pid}`));
    await (await startEmbeddedPostgres({ directory })).stop();
    expect(isAlive(stranger.pid!)).toBe(true);
    stranger.kill('SIGKILL');
  });

  it('[PGE10] a server killed with kill -9 recovers at the next start', async () => {
    const first = await startEmbeddedPostgres({ directory });
    process.kill(first.pid, 'SIGKILL');
    const second = await startEmbeddedPostgres({ directory });
    expect((await query(second.url, 'select count(*)::int as n from acknowledged')).rows[0].n).toBe(2);
    await Promise.all([first.stop(), second.stop()]);
  });
});
