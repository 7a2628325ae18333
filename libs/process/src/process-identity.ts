import { readFileSync } from 'node:fs';

/** What the kernel says of a process: its parent's pid, and its start in clock ticks since boot. */
export interface ProcessState {
  readonly parent: number;
  readonly startedAt: number;
}

/**
 * Tells one run of a process from every other: `<pid>-<start>-<boot>`. A pid alone does not,
 * because pids are reused, and after a reboot even pid and start may coincide.
 * Where there is no /proc (macOS) only the pid counts.
 *
 * @returns undefined when no such process runs; a zombie does not run
 */
export function identifyProcess(pid: number = process.pid): string | undefined {
  if (process.platform !== 'linux') return answersSignals(pid) ? `${pid}-0-0` : undefined;
  const state = processState(pid);
  return state && `${pid}-${state.startedAt}-${bootId()}`;
}

/** Whether the very process that once had this identity still runs. */
export function isProcessRunning(identity: string): boolean {
  const pid = pidOf(identity);
  return pid !== undefined && identifyProcess(pid) === identity;
}

/** The pid in an identity; undefined when the text is none. */
export function pidOf(identity: string): number | undefined {
  const [, pid] = /^([1-9]\d*)-\d+-[0-9a-f]+$/.exec(identity) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/** Reads /proc; undefined for a process that is gone or a zombie, and where there is no /proc. */
export function processState(pid: number): ProcessState | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the command in brackets and may itself hold brackets and blanks: count from the last one.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return { parent: Number(parent), startedAt: Number(rest[17]) }; // fields 4 and 22 of proc(5)
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  } catch {
    return '0';
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it runs, as somebody else
  }
}
