import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll } from '@jest/globals';
import pg from 'pg';

/** An unprivileged user without a shell or files: what CI and root have at hand. */
export const UNPRIVILEGED = 65_534;
export const IS_ROOT = process.getuid!() === 0;
const FRONT_DOOR = new URL('./index.js', import.meta.url).href;

const made: string[] = [];
afterAll(() => made.forEach((path) => rmSync(path, { recursive: true, force: true })));

/** A fresh directory: the given user's, and open to all to enter unless asked otherwise. */
export function scratch({ owner, mode = 0o755 }: { owner?: number; mode?: number } = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'starling-pg-'));
  made.push(path);
  chmodSync(path, mode);
  if (owner !== undefined) chownSync(path, owner, owner);
  return path;
}

/** Runs statements on one connection. */
export async function query(url: string, ...statements: string[]): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let result!: pg.QueryResult;
    for (const statement of statements) result = await client.query(statement);
    return result;
  } finally {
    await client.end();
  }
}

export interface Launcher {
  readonly process: ChildProcess;
  readonly url: string;
  readonly pid: number;
}

/** Starts the database from another Node process, which can then be killed. */
export async function launchElsewhere(
  options: object,
  { wrap = [] as string[], frontDoor = FRONT_DOOR } = {},
): Promise<Launcher> {
  const source = `
    const { startEmbeddedPostgres } = await import('${frontDoor}');
    try {
      const { url, pid, stop } = await startEmbeddedPostgres(${JSON.stringify(options)});
      process.on('SIGTERM', () => stop().then(() => process.exit(0)));
      console.log(JSON.stringify({ url, pid }));
      setInterval(() => {}, 1000);
    } catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message })); process.exit(1); }
  `;
  const [program, ...args] = [...wrap, process.execPath, '--input-type=module', '-e', source];
  const child = spawn(program!, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    env: { PATH: process.env['PATH'] },
  });
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (part) => (text += part));
  await until(() => text.includes('\n') || child.exitCode !== null);
  const answer = JSON.parse(text) as { url: string; pid: number; message?: string };
  if (answer.message !== undefined) throw Object.assign(new Error(answer.message), answer);
  return { process: child, ...answer };
}

/** All processes that work on a directory: its server, its initdb, and the children of both by session. */
export function processesOn(directory: string): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const owners = all.filter((pid) => read(pid, 'cmdline').includes(directory) && read(pid, 'comm') !== 'node\n');
  return all.filter((pid) => owners.some((owner) => pid === owner || parentOf(pid) === owner));
}

export const isAlive = (pid: number): boolean => !['', 'Z', 'X'].includes(stat(pid)[0] ?? '');

/** Polls for at most 15 s. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it never came true');
    await sleep(10);
  }
}

const parentOf = (pid: number): number => Number(stat(pid)[1]);
const stat = (pid: number): string[] => read(pid, 'stat').split(') ').at(-1)!.split(' ');

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
