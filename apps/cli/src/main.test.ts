import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-cli-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function starling(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: directory, env: { PATH: process.env['PATH'] } });
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode ?? -1, out, error };
}

const COMMANDS = [
  'up',
  'demo',
  'simulate',
  'use-case list',
  'use-case create',
  'use-case change',
  'code create',
  'round start',
  'round list',
  'round show',
  'round watch',
  'round abort',
  'round retry',
  'model list',
  'model download',
  'key list',
  'code revoke',
  'api-key create',
  'api-key list',
  'api-key revoke',
  'account list',
  'account invite',
  'account disable',
  'account enable',
  'account role',
  'invitation list',
  'invitation revoke',
  'audit list',
  'device revoke',
  'backup',
  'restore',
  'key rotate',
  'key retire-epoch',
  'key rewrap',
  'migrate',
  'restored',
  'log verify',
  'log counted',
  'log check-proof',
  'log witness',
  'doctor',
  'completion bash',
];

describe('the command line', () => {
  it('[CMD1] runs as a program of its own', async () => {
    expect((await readFile(MAIN, 'utf8')).split('\n')[0]).toBe('#!/usr/bin/env node');
  });

  it('[CMD1] lists its commands and exit codes', async () => {
    const { code, out } = await starling('--help');
    expect(code).toBe(0);
    expect([...out.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name)).toEqual(
      expect.arrayContaining(['up', 'demo', 'use-case', 'code', 'round', 'model', 'key', 'log', 'migrate', 'restored']),
    );
    expect(out).toContain('Exit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 nothing is running');
  });

  it('[CMD1] every command explains itself with an example and can answer in JSON', async () => {
    const helps = await Promise.all(COMMANDS.map((command) => starling(...command.split(' '), '--help')));
    for (const [i, { code, out }] of helps.entries()) {
      expect(code).toBe(0);
      expect(out).toContain(`  $ npx starling ${COMMANDS[i]}`);
      expect(out).toContain('--json');
    }
  });

  it.each([
    { name: 'no command', args: [] },
    { name: 'an unknown command', args: ['nonsense'] },
    { name: 'an unknown option', args: ['round', 'list', '--nonsense'] },
    { name: 'a missing argument', args: ['round', 'show'] },
    { name: 'a missing option', args: ['round', 'start', 'digits'] },
    { name: 'a number that is none', args: ['demo', '--devices', 'many'] },
    { name: 'too few devices', args: ['demo', '--devices', '5'] },
    { name: 'a model that is none', args: ['demo', '--model', 'gpt'] },
    { name: 'a target below the minimum', args: ['round', 'start', 'digits', '--min', '5', '--target', '4'] },
    { name: 'a log without the key it is checked with', args: ['log', 'verify', '--url', 'http://127.0.0.1:1'] },
    { name: 'a key that is none', args: ['log', 'check-proof', 'proof.json', '--log-key', 'secret'] },
    { name: 'a URL that is none', args: ['round', 'list', '--url', 'nowhere'] },
  ])('[CMD2] $name is wrong usage: exit code 2, nothing on stdout', async ({ args }) => {
    const { code, out, error } = await starling(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).not.toMatch(/^\s+at /m);
  });

  it('[CMD3] a reader that leaves early, as `head` does, gets no stack trace', async () => {
    const child = spawn(process.execPath, [MAIN, '--help'], { cwd: directory, env: { PATH: process.env['PATH'] } });
    child.stdout.destroy();
    expect(await text(child.stderr)).toBe('');
  });

  it('[CMD2] with nothing running: exit code 3, and what to run', async () => {
    const nowhere = await starling('round', 'list');
    expect(nowhere).toMatchObject({ code: 3, out: '', error: expect.stringContaining('npx starling up') });
    const gone = await starling('round', 'list', '--url', 'http://127.0.0.1:1', '--json');
    expect(gone).toMatchObject({ code: 3, out: '', error: expect.stringContaining('http://127.0.0.1:1') });
  });
});
