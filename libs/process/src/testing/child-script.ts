import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll } from '@jest/globals';

/** The library's front door, for scripts that live elsewhere. */
const FRONT_DOOR = new URL('../index.js', import.meta.url).href;

/** A directory for one test file; gone when its tests are done. */
export const scratch = mkdtempSync(join(tmpdir(), 'starling-process-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let scripts = 0;

/** Writes a module that a child can run; `names` are imported from this library. */
export function script(names: string, source: string): URL {
  const path = join(scratch, `script-${scripts++}.mjs`);
  writeFileSync(path, `import { ${names} } from '${FRONT_DOOR}';\n${source}\n`);
  return pathToFileURL(path);
}

export interface Output {
  readonly child: ChildProcess;
  /** All the child wrote so far, to stdout and stderr. */
  text(): string;
  /** Waits until the output holds the text. */
  saw(text: string): Promise<void>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Runs a module as a process of its own, with an IPC channel if asked. */
export function run(
  module: URL,
  { ipc = false, env = {} as Record<string, string>, wrap = [] as string[] } = {},
): Output {
  const [program, ...args] = [...wrap, process.execPath, module.pathname];
  const child = spawn(program!, args, {
    stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (part) => (text += part));
  return {
    child,
    text: () => text,
    saw: (wanted) =>
      until(
        () => text.includes(wanted),
        () => `never saw ${JSON.stringify(wanted)} in ${JSON.stringify(text)}`,
      ),
    ended: once(child, 'close').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals),
  };
}

/** Polls for at most 10 s. */
export async function until(
  condition: () => boolean,
  complaint: () => string = () => 'it never came true',
): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(complaint());
    await sleep(10);
  }
}
