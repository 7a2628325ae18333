import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { ProcessError, type ProcessErrorCode } from './errors.js';
import { isReady } from './ready.js';
import { ROOMY_HEAP } from './roomy-heap.js';

/** What to start and how long to wait for it. */
export interface ChildPlan {
  readonly name: string;
  /** The module to run; a file: URL. */
  readonly module: URL;
  readonly args?: readonly string[];
  /** All the child gets besides PATH and its like: a secret meant for one process never reaches another by inheritance. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default 30 000. */
  readonly readyTimeoutMs?: number;
  /** Start it again, ever more slowly, when it dies without being asked to. */
  readonly restart?: boolean;
  /** Large bytes come and go in it: `ROOMY_HEAP`. */
  readonly roomyHeap?: boolean;
}

const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'];
const TAIL_LINES = 20;
/** A grandchild may keep the pipes open after the child is gone: then we do not wait for their end. */
const DRAIN_MS = 300;

/** One life of one child process. */
export class SupervisedRun {
  private readonly child: ChildProcess;
  private readonly stderrTail: string[] = [];
  /** Settles, never rejects, with how it ended: `code 1` or `signal SIGKILL`. */
  readonly ended: Promise<string>;

  constructor(
    readonly plan: ChildPlan,
    onLine: (name: string, line: string) => void,
  ) {
    const inherited = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
    this.child = fork(plan.module, plan.args ?? [], {
      env: { ...Object.fromEntries(inherited), ...plan.env },
      execArgv: plan.roomyHeap ? [ROOMY_HEAP] : [], // ours may hold --inspect, whose port is taken
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C reaches only the supervisor, who then stops its children in order.
      detached: true,
    });
    this.ended = this.watchEnd();
    this.readLines(this.child.stdout!, (line) => onLine(plan.name, line));
    this.readLines(this.child.stderr!, (line) => {
      this.stderrTail.push(line);
      if (this.stderrTail.length > TAIL_LINES) this.stderrTail.shift();
      onLine(plan.name, line);
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /**
   * @returns the port the child announced
   * @throws ProcessError `died_before_ready`, `ready_timeout` (the child is then killed)
   */
  async ready(): Promise<number> {
    const { name, readyTimeoutMs = 30_000 } = this.plan;
    const given = new AbortController();
    const announced = new Promise<number>((resolve) => {
      this.child.on('message', (message) => isReady(message) && resolve(message.port));
    });
    const died = this.ended.then((how) =>
      this.error('died_before_ready', `${name} ended (${how}) before it was ready`),
    );
    const late = sleep(readyTimeoutMs, undefined, { signal: given.signal }).then(
      () => this.error('ready_timeout', `${name} was not ready within ${readyTimeoutMs} ms`),
      () => undefined,
    );
    const outcome = await Promise.race([announced, died, late]);
    given.abort();
    if (typeof outcome === 'number') return outcome;
    this.kill();
    throw outcome;
  }

  /** SIGTERM, then SIGKILL once the grace is over; returns when the process is gone. */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.kill(), graceMs);
    this.child.kill('SIGTERM');
    await this.ended;
    clearTimeout(timer);
  }

  /** At once and without asking; safe to repeat. */
  kill(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
  }

  error(code: ProcessErrorCode, sentence: string): ProcessError {
    const tail =
      this.stderrTail.length > 0 ? `; its last words:\n${this.stderrTail.join('\n')}` : '; it wrote nothing to stderr';
    return new ProcessError(code, sentence + tail, { pid: this.pid });
  }

  private watchEnd(): Promise<string> {
    return new Promise((resolve) => {
      this.child.once('error', (error) => resolve(`could not be run: ${error.message}`));
      this.child.once('exit', (code, signal) => {
        const how = signal === null ? `code ${code}` : `signal ${signal}`;
        const timer = setTimeout(() => resolve(how), DRAIN_MS);
        this.child.once('close', () => {
          clearTimeout(timer);
          resolve(how);
        });
      });
    });
  }

  private readLines(stream: Readable, onLine: (line: string) => void): void {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
  }
}
