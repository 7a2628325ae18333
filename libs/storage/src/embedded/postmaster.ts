import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { EmbeddedPostgresError } from './errors.js';
import { readPostmasterFile } from './former-server.js';
import type { Home } from './home.js';
import { type Guard, launch } from './launch.js';
import { ServerLog } from './server-log.js';
import { sendSignal } from './signal.js';

export interface PostmasterOptions {
  readonly onLog?: (line: string) => void;
  readonly onUnaskedStop?: (error: EmbeddedPostgresError) => void;
  readonly guard?: Guard;
}

/** Recovery after a crash may have to replay a lot of log. */
const READY_MS = 60_000;
const READY_POLL_MS = 10;
/** PostgreSQL's own words for the three ways to stop, each with the time it gets before the next one. */
const STOPS = [
  { signal: 'SIGINT', waitMs: 10_000 }, // fast: ends sessions, writes a checkpoint
  { signal: 'SIGQUIT', waitMs: 5_000 }, // immediate: the next start recovers
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const;

/** One running server. */
export class Postmaster {
  private stopping: Promise<void> | undefined;

  private constructor(
    private readonly child: ChildProcess,
    /** The server's own pid; the child is another process where a guardian stands between. */
    readonly pid: number,
    private readonly ended: Promise<string>,
    private readonly log: ServerLog,
  ) {}

  /** @throws EmbeddedPostgresError `start_failed`, `start_timeout` */
  static async start(home: Home, program: string, args: string[], options: PostmasterOptions): Promise<Postmaster> {
    const log = await ServerLog.open(home.logFile, options.onLog);
    const child = launch(
      { program, args, account: home.account, deathSignal: 'SIGINT', output: log.descriptor },
      options.guard,
    );
    const ended = howItEnds(child);
    try {
      const pid = await untilReady(home, child, ended, log);
      const postmaster = new Postmaster(child, pid, ended, log);
      void postmaster.reportUnaskedStop(home, options.onUnaskedStop);
      return postmaster;
    } catch (error) {
      child.kill('SIGQUIT');
      await log.close();
      throw error;
    }
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopInSteps();
    return this.stopping;
  }

  private async stopInSteps(): Promise<void> {
    for (const { signal, waitMs } of STOPS) {
      if (!this.hasEnded()) sendSignal(this.pid, signal);
      if (await within(this.ended, waitMs)) break;
    }
    this.child.stdin?.destroy();
    await this.log.close();
  }

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async reportUnaskedStop(home: Home, onUnaskedStop: PostmasterOptions['onUnaskedStop']): Promise<void> {
    const how = await this.ended;
    if (this.stopping) return;
    const error = await withLog(
      this.log,
      home,
      'stopped_unasked',
      `the database server ended unasked (${how}). Start Starling again: it recovers by itself`,
    );
    await this.stop();
    onUnaskedStop?.(error);
  }
}

function howItEnds(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
  });
}

/** @returns the server's pid */
async function untilReady(home: Home, child: ChildProcess, ended: Promise<string>, log: ServerLog): Promise<number> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const how = await Promise.race([ended, sleep(READY_POLL_MS)]);
    if (how !== undefined) {
      throw await withLog(
        log,
        home,
        'start_failed',
        `the database server did not start (${how}). Put right what its log names, then start again`,
      );
    }
    const file = await readPostmasterFile(home.cluster);
    // A former server's file has our pid in it (see former-server.ts) and never says ready.
    if (file?.status === 'ready' && file.pid !== process.pid) return file.pid;
    if (performance.now() > deadline) {
      throw await withLog(
        log,
        home,
        'start_timeout',
        `the database server was not ready within ${READY_MS} ms. It may be recovering: start again`,
      );
    }
  }
}

async function withLog(
  log: ServerLog,
  { logFile }: Home,
  code: 'start_failed' | 'start_timeout' | 'stopped_unasked',
  sentence: string,
): Promise<EmbeddedPostgresError> {
  const tail = await log.tail();
  return new EmbeddedPostgresError(code, `${sentence}. The end of ${logFile}:\n${tail || '(empty)'}`);
}

async function within(event: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const given = new AbortController();
  const timer = sleep(milliseconds, false, { signal: given.signal }).catch(() => false);
  const happened = await Promise.race([event.then(() => true), timer]);
  given.abort();
  return happened;
}
