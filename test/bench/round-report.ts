import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

import type { RoundView } from '#protocol';

import type { CpuSeconds, CpuWatch } from './cpu-watch.js';
import type { PhysicalLimits } from './physical-limits.js';

const SERVERS = ['issuer', 'intake', 'coordinator', 'worker', 'postgresql'] as const;
export type Server = (typeof SERVERS)[number];
const PARTS = [...SERVERS, 'clients'] as const;
export type Part = (typeof PARTS)[number];
/** From opening to freezing, from there to the published model, from there until no body is left. */
const PHASES = ['upload', 'fold and publish', 'delete'] as const;
type Phase = (typeof PHASES)[number];
const CORES = 2;

export interface RoundBenchResult {
  readonly clients: number;
  /** numbers in the model */
  readonly params: number;
  readonly node: string;
  readonly cpu: string;
  /** of all updates; as many go down as models */
  readonly bytes: number;
  /** by the database's clock: whatever else the machine does makes it longer */
  readonly wallSeconds: Readonly<Record<Phase, number>>;
  readonly cpuSeconds: Readonly<Record<Phase, CpuSeconds<Part>>>;
  /** a second of wall time, once all is done: looking for work, which a busy machine makes more of in one round */
  readonly cpuAtRest: CpuSeconds<Part>;
  /** CPU of all servers from opening to publishing, divided by two: what two cores take that do nothing else */
  readonly serverSeconds: number;
  /** the same with the clients */
  readonly wholeSeconds: number;
  /** what of both would have been taken at rest */
  readonly restSeconds: number;
  /** CPU seconds for the same bytes, in a process that does nothing else with them */
  readonly limits: PhysicalLimits;
  /** least CPU that the servers could take: what is sent, received, hashed, written, read and hashed, over what they took */
  readonly ofLimit: number;
  /** largest resident memory of each process, MB */
  readonly peakMemoryMB: Readonly<Record<string, number>>;
}

export interface MeasuredRound extends Pick<RoundBenchResult, 'clients' | 'params' | 'limits' | 'peakMemoryMB'> {
  readonly round: RoundView;
  /** unix ms: when the last body was gone; from there on nothing was to be done */
  readonly deleted: number;
  readonly watch: CpuWatch<Part>;
}

export function reportRound({ round, deleted, watch, ...measured }: MeasuredRound): RoundBenchResult {
  const { clients, params, limits } = measured;
  const moments = [round.openedAt!, round.frozenAt!, round.publishedAt!].map((time) => Date.parse(time));
  const [opened, frozen, published] = moments as [number, number, number];
  const ends = [opened, frozen, published, deleted];
  const byPhase = <T>(of: (from: number, to: number) => T): Record<Phase, T> =>
    Object.fromEntries(PHASES.map((phase, i) => [phase, of(ends[i]!, ends[i + 1]!)])) as Record<Phase, T>;
  const taken = watch.between(opened, published);
  const servers = sum(taken);
  const rested = watch.between(deleted, watch.until);
  const cpuAtRest = mapParts((part) => rested[part] / ((watch.until - deleted) / 1000));
  // A model down and an update up through a socket with two ends each, of which one is the server's.
  const least = limits.loopback + 2 * limits.sha256 + limits.fsync + limits.read;
  return {
    ...measured,
    node: process.version,
    cpu: cpus()[0]?.model ?? '',
    bytes: 4 * params * clients,
    wallSeconds: byPhase((from, to) => (to - from) / 1000),
    cpuSeconds: byPhase((from, to) => watch.between(from, to)),
    cpuAtRest,
    serverSeconds: servers / CORES,
    wholeSeconds: (servers + taken.clients) / CORES,
    restSeconds: (sum(cpuAtRest) * (published - opened)) / 1000 / CORES,
    ofLimit: least / servers,
  };
}

const sum = (cpu: CpuSeconds<Part>): number => SERVERS.reduce((total, name) => total + cpu[name], 0);

const mapParts = (of: (part: Part) => number): CpuSeconds<Part> =>
  Object.fromEntries(PARTS.map((part) => [part, of(part)])) as Record<Part, number>;

/** MB; Linux keeps the high-water mark. */
export function peakOf(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes ?? 0) / 1024);
}

const NAME = 14;
const COLUMN = 18;

export function describeRound(result: RoundBenchResult): string {
  const { clients, params, node, cpu, cpuSeconds, wallSeconds, limits, peakMemoryMB } = result;
  const cells = (of: (phase: Phase) => number): string =>
    PHASES.map((phase) => of(phase).toFixed(2).padStart(COLUMN)).join('');
  const rows = PARTS.map(
    (part) =>
      `  ${part.padEnd(NAME)}${cells((phase) => cpuSeconds[phase][part])}${result.cpuAtRest[part].toFixed(3).padStart(COLUMN)}\n`,
  );
  const least = Object.entries(limits).map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`);
  const memory = Object.entries(peakMemoryMB).map(([name, peak]) => `${name} ${peak}`);
  return (
    `${clients} devices × ${params} parameters, node ${node}, ${cpu}\n` +
    `  ${'CPU seconds'.padEnd(NAME)}${[...PHASES, 'at rest, a second'].map((phase) => phase.padStart(COLUMN)).join('')}\n${rows.join('')}` +
    `  ${'wall seconds'.padEnd(NAME)}${cells((phase) => wallSeconds[phase])}\n` +
    `from opening to the published model on two cores: servers ${result.serverSeconds.toFixed(2)} s, ` +
    `with the clients ${result.wholeSeconds.toFixed(2)} s; at rest for as long ${result.restSeconds.toFixed(2)} s\n` +
    `CPU seconds for the same bytes: ${least.join(', ')}\n` +
    `  down, up, hashed twice, to the disk and back is ${(100 * result.ofLimit).toFixed(0)} % of what the servers took\n` +
    `largest resident memory, MB: ${memory.join(', ')}\n`
  );
}
