import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const SCRIPT = `
  import { crashPoint } from '#crash-point';
  for (let pass = 1; pass <= 4; pass++) {
    crashPoint('intake-permitted');
    crashPoint('intake-accepted');
    console.log(pass);
  }`;

let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-test-'));
  file = join(directory, 'crash');
});
beforeEach(() => writeFile(file, 'intake-accepted:3'));
afterAll(() => rm(directory, { recursive: true }));

function run(...options: string[]): { passes: number; signal: string | null } {
  const env = { PATH: process.env['PATH'], STARLING_CRASH_FILE: file };
  const args = [...options, '--input-type=module', '--eval', SCRIPT];
  const { stdout, signal } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', env });
  return { passes: stdout.split('\n').length - 1, signal };
}

// Kills: a process that somebody who sets its environment can make die.
it('[CHA1] as it ships, no variable and no file makes a process die', () => {
  expect(run()).toEqual({ passes: 4, signal: null });
  expect(existsSync(file)).toBe(true);
});

// Kills: suites B to which nothing ever happens, or that kill what was started again, for ever.
it('[CHA1] in a crash test it dies at the point, the nth time that it is passed, and once', () => {
  expect(run('--conditions=crash-test')).toEqual({ passes: 2, signal: 'SIGKILL' });
  expect(run('--conditions=crash-test')).toEqual({ passes: 4, signal: null });
});
