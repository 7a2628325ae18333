import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { isProcessRunning } from '#process';

import { EmbeddedPostgresError } from './errors.js';
import { sendSignal } from './signal.js';

/** The parts of postmaster.pid that matter here. */
export interface PostmasterFile {
  readonly pid: number;
  /** `starting`, `ready`, `stopping`, or empty before the server wrote one. */
  readonly status: string;
  /** 0 before the server wrote one */
  readonly port: number;
}

const POLL_MS = 25;

/** @returns undefined when there is none, or none with a pid in it */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  return pid > 0 ? { pid, status: lines[7]?.trim() ?? '', port: Number(lines[3] ?? 0) } : undefined;
}

/**
 * Makes way for a new server: waits for one whose launcher died and that is still writing its last checkpoint, and sees that a
 * file left by a dead one does not stop the new one.
 *
 * @param patienceMs  how long the old server may take
 * @throws EmbeddedPostgresError `already_running`, `still_stopping`
 */
export async function awaitFormerServer(cluster: string, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let asked = false;
  for (;;) {
    const file = await readPostmasterFile(cluster);
    const commandLine = file && serverCommandLine(file.pid, cluster);
    if (!file || commandLine === undefined) break;
    if (file.status !== 'stopping' && !asked) {
      refuseIfLaunched(cluster, file.pid, commandLine);
      sendSignal(file.pid, 'SIGINT'); // an orphan; repeating what its guard has told it does no harm
      asked = true;
    }
    if (performance.now() > deadline) throw stillStopping(cluster, file.pid, patienceMs);
    await sleep(POLL_MS);
  }
  disarmStaleFile(cluster);
}

function refuseIfLaunched(cluster: string, pid: number, commandLine: string): void {
  const launcher = / starling\.launcher=(\S+)/.exec(commandLine)?.[1];
  if (launcher !== undefined && !isProcessRunning(launcher)) return;
  const by = launcher === undefined ? 'something else' : `Starling process ${launcher.split('-')[0]}`;
  throw new EmbeddedPostgresError(
    'already_running',
    `${cluster} is in use: PostgreSQL (process ${pid}) was started by ${by}, which still runs. Stop that first, or choose another data directory.`,
  );
}

/** @returns undefined unless the process is a PostgreSQL server on this very cluster */
function serverCommandLine(pid: number, cluster: string): string | undefined {
  const commandLine = `${readCommandLine(pid)} `;
  return commandLine.includes(` -D ${cluster} `) ? commandLine : undefined;
}

function readCommandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/**
 * PostgreSQL recovers by itself when the pid in its file is nobody's. When another process has got that pid
 * since, or the dead server is a zombie nobody waited for (a container without an init), it refuses to start. We must not delete the file: it also names the shared memory by which PostgreSQL finds
 * out that backends of a dead server still run, and two servers on one cluster destroy it. So only the pid is replaced, by our
 * own: PostgreSQL takes a file with its launcher's pid for a stale one, and goes on to check the memory.
 *
 * Without a pause between looking and writing: in one, another Starling's server could write its own pid.
 */
function disarmStaleFile(cluster: string): void {
  const path = join(cluster, 'postmaster.pid');
  if (!existsSync(path)) return;
  const lines = readFileSync(path, 'utf8').split('\n');
  const pid = Number.parseInt(lines[0]!, 10);
  if (!(pid > 0)) return rmSync(path); // emptied by a power cut: it names no memory either
  if (serverCommandLine(pid, cluster) !== undefined) return;
  lines[0] = `${process.pid}`;
  writeFileSync(path, lines.join('\n')); // in place: owner and mode stay the server's
}

function stillStopping(cluster: string, pid: number, patienceMs: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'still_stopping',
    `${cluster} is in use by PostgreSQL (process ${pid}), left by a Starling that died; it has not stopped within ${patienceMs} ms. ` +
      `Wait and start again, or end it with "kill -QUIT ${pid}".`,
  );
}
