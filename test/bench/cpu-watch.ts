import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Seconds of CPU, user and system, that each name's processes have taken. */
export type CpuSeconds<Name extends string> = Readonly<Record<Name, number>>;

interface Sample<Name extends string> {
  /** unix ms */
  readonly at: number;
  readonly cpu: CpuSeconds<Name>;
}

/** Each look reads the whole process table, beside what is measured. */
const SAMPLE_MS = 100;
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Looks at the CPU time of processes so often that one can say afterwards what they took between any two moments. */
export class CpuWatch<Name extends string> {
  readonly #samples: Sample<Name>[] = [];
  readonly #timer: NodeJS.Timeout;

  /** @param roots  the process of each name, or several; what these have started counts as theirs */
  constructor(private readonly roots: Readonly<Record<Name, readonly number[]>>) {
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#sample();
  }

  /** unix ms of the last look */
  get until(): number {
    return this.#samples.at(-1)!.at;
  }

  /** @param from,to  unix ms; between two samples the time is taken to have passed evenly */
  between(from: number, to: number): CpuSeconds<Name> {
    const [before, after] = [this.#at(from), this.#at(to)];
    return mapValues(this.roots, (name) => after[name] - before[name]);
  }

  #at(moment: number): CpuSeconds<Name> {
    const next = this.#samples.findIndex(({ at }) => at >= moment);
    const [a, b] = [this.#samples.at(Math.max(0, next - 1))!, this.#samples.at(next)!];
    const share = b.at === a.at ? 0 : Math.min(1, Math.max(0, (moment - a.at) / (b.at - a.at)));
    return mapValues(this.roots, (name) => a.cpu[name] + share * (b.cpu[name] - a.cpu[name]));
  }

  #sample(): void {
    const processes = readProcesses();
    const at = Date.now();
    this.#samples.push({ at, cpu: mapValues(this.roots, (name) => cpuOf(this.roots[name], processes)) });
  }
}

interface ProcessStat {
  readonly parent: number;
  /** its own, and of children that ended and were waited for */
  readonly seconds: number;
}

function cpuOf(roots: readonly number[], processes: ReadonlyMap<number, ProcessStat>): number {
  return [...processes]
    .filter(([pid, { parent }]) => roots.includes(pid) || roots.includes(parent))
    .reduce((sum, [, { seconds }]) => sum + seconds, 0);
}

function readProcesses(): Map<number, ProcessStat> {
  const stats = new Map<number, ProcessStat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (stat !== undefined) stats.set(Number(name), stat);
  }
  return stats;
}

/** @see proc_pid_stat(5) */
function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is a name in brackets and may be of any form.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}

/** The parent of a process: a database's server, from one of its sessions. */
export const parentOf = (pid: number): number => readStat(pid)?.parent ?? 0;

const mapValues = <Name extends string, T>(record: Readonly<Record<Name, unknown>>, of: (name: Name) => T) =>
  Object.fromEntries((Object.keys(record) as Name[]).map((name) => [name, of(name)])) as Record<Name, T>;
