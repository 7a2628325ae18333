import { spawn } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { launchElsewhere, processesOn, query, scratch, until } from './embedded-postgres.fixture.js';
import { startEmbeddedPostgres } from './index.js';

const FRONT_DOOR = new URL('./index.js', import.meta.url).href;

describe('the cluster', () => {
  // Mutants: initdb in place (the half cluster would be taken for one, or refused); no death signal for initdb.
  it('[PGE11] an initdb killed in the middle leaves no process, and the next start makes the cluster anew', async () => {
    const directory = scratch();
    const source = `const { startEmbeddedPostgres } = await import('${FRONT_DOOR}'); await startEmbeddedPostgres({ directory: '${directory}' });`;
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'ignore' });
    const unfinished = () => readdirSync(directory).find((name) => name.startsWith('initdb-'));
    await until(() => existsSync(join(directory, unfinished() ?? 'none-yet', 'cluster', 'base')));
    launcher.kill('SIGKILL');
    await until(() => processesOn(directory).length === 0);
    expect(unfinished()).toBeDefined();
    expect(readdirSync(directory)).not.toContain('cluster');

    const server = await startEmbeddedPostgres({ directory });
    expect((await query(server.url, 'select 1 as one')).rows).toEqual([{ one: 1 }]);
    await server.stop();
    expect(readdirSync(directory).sort()).toEqual(['cluster', 'password', 'server.log']);

    await refusesWhatItDoesNotUnderstand(directory);
  });

  it('[PGE12] two first starts at once: one runs, the other is told', async () => {
    const directory = scratch();
    const starts = await Promise.allSettled([0, 1].map(() => launch(directory)));
    const codes = starts.map((start) =>
      start.status === 'fulfilled' ? 'running' : (start.reason as { code: string }).code,
    );
    for (const start of starts) if (start.status === 'fulfilled') await start.value();
    expect(codes.sort()).toEqual(['already_running', 'running']);
  });
});

/** Mutant: an empty cluster in the place of a damaged one, which has forgotten every spent token. */
async function refusesWhatItDoesNotUnderstand(directory: string): Promise<void> {
  const at = (...path: string[]) => join(directory, ...path);
  const start = () => startEmbeddedPostgres({ directory });

  renameSync(at('password'), at('kept'));
  await expect(start()).rejects.toMatchObject({ code: 'missing_password' });
  renameSync(at('kept'), at('password'));

  renameSync(at('cluster', 'PG_VERSION'), at('kept'));
  await expect(start()).rejects.toMatchObject({ code: 'damaged_cluster' });
  writeFileSync(at('cluster', 'PG_VERSION'), '12\n');
  await expect(start()).rejects.toMatchObject({
    code: 'wrong_version',
    message: expect.stringContaining('PostgreSQL 12'),
  });
  renameSync(at('kept'), at('cluster', 'PG_VERSION'));

  rmSync(at('cluster', 'global', 'pg_control'));
  await expect(start()).rejects.toMatchObject({ code: 'damaged_cluster' });
  expect(readdirSync(at('cluster'))).toContain('base');

  const file = join(scratch(), 'a-file');
  writeFileSync(file, '');
  await expect(startEmbeddedPostgres({ directory: join(file, 'below') })).rejects.toMatchObject({
    code: 'unusable_directory',
  });
}

async function launch(directory: string): Promise<() => Promise<void>> {
  const launcher = await launchElsewhere({ directory });
  return async () => {
    launcher.process.kill('SIGTERM');
    await until(() => launcher.process.exitCode !== null);
  };
}
