import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect } from '@jest/globals';

/** Where the client in Python is. */
export const CLIENT = fileURLToPath(new URL('../../../examples/python/', import.meta.url));

/** Its command. */
export const PYTHON = process.env['PYTHON'] ?? 'python3';
const isThere = spawnSync(PYTHON, ['--version']).status === 0;

/** Whether there is a Python; without one says so, and fails where `CI=true`. */
export function hasPython(): boolean {
  if (!isThere) console.warn(`NOT TESTED: no ${PYTHON}. Install python3, or say where one is in PYTHON.`);
  expect(isThere || process.env['CI'] !== 'true').toBe(true);
  return isThere;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A Python that runs; `out` is what it has printed so far. */
export interface RunningPython {
  readonly out: () => string;
  readonly ended: Promise<Ended>;
  kill(): void;
}

/** Starts a program beside the client, with nothing of this process's environment that it might lean on. */
export function startPython(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningPython {
  const child = spawn(PYTHON, ['-B', '-W', 'error', ...args], {
    cwd: CLIENT,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...texts })));
  return { out: () => texts.out, ended, kill: () => void child.kill('SIGKILL') };
}

export const runPython = (args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> =>
  startPython(args, env).ended;
