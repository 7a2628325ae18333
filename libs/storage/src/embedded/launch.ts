import { type ChildProcess, spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { Account } from './account.js';

/** What ends a command when the process that launched it dies, however it dies. */
export type Guard = 'setpriv' | 'guardian';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** undefined: as ourselves */
  readonly account: Account | undefined;
  /** Sent to the command when we die. */
  readonly deathSignal: 'SIGINT' | 'SIGKILL';
  /** Where its output goes: an open file, or a pipe. */
  readonly output: number | 'pipe';
}

/**
 * The kernel sends the death signal to who was launched with prctl(PR_SET_PDEATHSIG). A parent that dies in
 * the instant before that call is never noticed, so once it is set the shell looks whether its parent is still us.
 */
const STILL_OURS = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"';

/** All the environment a command gets: passwords that stand in ours are not handed on. */
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  PG_GRANDPARENT_PID: `${process.pid}`, // with a guardian between us, see disarmStaleFile
};

/**
 * Runs a command that ends when this process does, even by `kill -9`. Call it from the main thread: to the kernel the "parent"
 * is the thread. The command gets a session of its own, so that a Ctrl-C stops the database after what uses it, not before.
 */
export function launch(command: Command, guard: Guard = availableGuard()): ChildProcess {
  return guard === 'setpriv' ? launchWithSetpriv(command) : launchWithGuardian(command);
}

let guardFound: Guard | undefined;

/** util-linux's setpriv, where there is one (Busybox's cannot do this, macOS has none); else a small process of ours. */
export function availableGuard(): Guard {
  guardFound ??=
    spawnSync('setpriv', ['--pdeathsig', 'INT', 'true'], { stdio: 'ignore' }).status === 0 ? 'setpriv' : 'guardian';
  return guardFound;
}

function launchWithSetpriv({ program, args, account, deathSignal, output }: Command): ChildProcess {
  const identity = account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'] : [];
  const guarded = ['--pdeathsig', deathSignal.slice(3), '--', '/bin/sh', '-c', STILL_OURS, 'sh', `${process.pid}`];
  return spawn('setpriv', [...identity, ...guarded, program, ...args], options(['ignore', output, output]));
}

function launchWithGuardian({ program, args, account, deathSignal, output }: Command): ChildProcess {
  const guardian = fileURLToPath(new URL('./guardian.js', import.meta.url));
  const identity = account ? [`${account.uid}`, `${account.gid}`] : ['', ''];
  // Nothing is ever written to its stdin: the pipe closes when we die, and that is the message.
  return spawn(
    process.execPath,
    [guardian, deathSignal, ...identity, program, ...args],
    options(['pipe', output, output]),
  );
}

// The working directory may be one the account cannot enter; PostgreSQL wants to know its own.
const options = (stdio: StdioOptions) => ({ cwd: '/', env: ENVIRONMENT, detached: true, stdio });
