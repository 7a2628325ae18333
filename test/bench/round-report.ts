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

/** What two cores take that do nothing else, from the opening to the published model: CPU divided by two. */
interface RoundTotals {
  /** of all servers */
  readonly serverSeconds: number;
  /** the same with the clients */
  readonly wholeSeconds: number;
}

/** One round, from its opening. */
export interface RoundFigures extends RoundTotals {
  /** by the database's clock: whatever else the machine does makes it longer */
  readonly wallSeconds: Readonly<Record<Phase, number>>;
  readonly cpuSeconds: Readonly<Record<Phase, CpuSeconds<Part>>>;
  /** what of both the servers would have taken at rest in the same time */
  readonly restSeconds: number;
  /** the least CPU for what the servers do with the bytes, over what they took */
  readonly ofLimit: number;
  /** CPU to touch memory before the round, which is not counted above */
  readonly touchSeconds: number;
}

export interface RoundBenchResult {
  readonly clients: number;
  /** numbers in the model */
  readonly params: number;
  readonly encoding: string;
  readonly node: string;
  readonly cpu: string;
  /** of all updates of a round */
  readonly bytes: number;
  readonly rounds: readonly RoundFigures[];
  /**
   * The median of the rounds after the first, which is what processes that have been up for a while take: of two the
   * greater, null of none.
   */
  readonly usual: RoundTotals | null;
  /** a second, once all is done: looking for work, which a busy machine makes more of in one round */
  readonly cpuAtRest: CpuSeconds<Part>;
  /** CPU seconds for the same bytes, in a process that does nothing else with them */
  readonly limits: PhysicalLimits;
  /** largest resident memory of each process, MB */
  readonly peakMemoryMB: Readonly<Record<string, number>>;
}

export interface DoneRound {
  readonly round: RoundView;
  /** unix ms: when the last body was gone, and nothing was left to do */
  readonly deleted: number;
  /** CPU seconds of `touchMemory` before it */
  readonly touchSeconds: number;
}

export interface MeasuredRounds extends Pick<
  RoundBenchResult,
  'clients' | 'params' | 'encoding' | 'bytes' | 'limits' | 'peakMemoryMB'
> {
  readonly done: readonly DoneRound[];
  readonly watch: CpuWatch<Part>;
}

export function reportRounds({ done, watch, ...measured }: MeasuredRounds): RoundBenchResult {
  const { clients, params, bytes, limits } = measured;
  const modelShare = (4 * params * clients) / bytes;
  const restFrom = done.at(-1)!.deleted;
  const rested = watch.between(restFrom, watch.until);
  const cpuAtRest = mapParts((part) => rested[part] / ((watch.until - restFrom) / 1000));
  const rounds = done.map((one) => figuresOf(one, watch, { limits, atRest: sum(cpuAtRest), modelShare }));
  return {
    ...measured,
    node: process.version,
    cpu: cpus()[0]?.model ?? '',
    rounds,
    usual: usualOf(rounds.slice(1)),
    cpuAtRest,
  };
}

function usualOf(rounds: readonly RoundTotals[]): RoundTotals | null {
  if (rounds.length === 0) return null;
  const median = (figure: keyof RoundTotals): number =>
    rounds.map((round) => round[figure]).toSorted((a, b) => a - b)[rounds.length >> 1]!;
  return { serverSeconds: median('serverSeconds'), wholeSeconds: median('wholeSeconds') };
}

function figuresOf(
  { round, deleted, touchSeconds }: DoneRound,
  watch: CpuWatch<Part>,
  {
    limits,
    atRest,
    modelShare,
  }: { readonly limits: PhysicalLimits; readonly atRest: number; readonly modelShare: number },
): RoundFigures {
  const moments = [round.openedAt!, round.frozenAt!, round.publishedAt!].map((time) => Date.parse(time));
  const [opened, , published] = moments as [number, number, number];
  const ends = [...moments, deleted];
  const byPhase = <T>(of: (from: number, to: number) => T): Record<Phase, T> =>
    Object.fromEntries(PHASES.map((phase, i) => [phase, of(ends[i]!, ends[i + 1]!)])) as Record<Phase, T>;
  const taken = watch.between(opened, published);
  const servers = sum(taken);
  // A model down and an update up through a socket with two ends each, of which one is the server's.
  const least = ((modelShare + 1) / 2) * limits.loopback + 2 * limits.sha256 + limits.fsync + limits.read;
  return {
    wallSeconds: byPhase((from, to) => (to - from) / 1000),
    cpuSeconds: byPhase((from, to) => watch.between(from, to)),
    serverSeconds: servers / CORES,
    wholeSeconds: (servers + taken.clients) / CORES,
    restSeconds: (atRest * (published - opened)) / 1000 / CORES,
    ofLimit: least / servers,
    touchSeconds,
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

export function describeRounds(result: RoundBenchResult): string {
  const { clients, params, encoding, node, cpu, rounds, usual, cpuAtRest, limits, peakMemoryMB } = result;
  const least = Object.entries(limits).map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`);
  const rest = SERVERS.map((part) => `${part} ${cpuAtRest[part].toFixed(3)}`);
  const touching = rounds.map(({ touchSeconds }) => touchSeconds.toFixed(2));
  const memory = Object.entries(peakMemoryMB).map(([name, peak]) => `${name} ${peak}`);
  return (
    `${clients} devices × ${params} parameters, updates in ${encoding}, node ${node}, ${cpu}\n` +
    rounds.map((figures, i) => describeRound(figures, i + 1)).join('') +
    (usual === null ? '' : `after the first round, the median: ${describeTotal(usual)}\n`) +
    `CPU seconds for the same bytes: ${least.join(', ')}\n` +
    `CPU seconds to touch memory before each round, not counted: ${touching.join(', ')}\n` +
    `CPU seconds at rest, each second: ${rest.join(', ')}\n` +
    `largest resident memory, MB: ${memory.join(', ')}\n`
  );
}

function describeRound(figures: RoundFigures, no: number): string {
  const { cpuSeconds, wallSeconds } = figures;
  const cells = (of: (phase: Phase) => number): string =>
    PHASES.map((phase) => of(phase).toFixed(2).padStart(COLUMN)).join('');
  const rows = PARTS.map((part) => `  ${part.padEnd(NAME)}${cells((phase) => cpuSeconds[phase][part])}\n`);
  return (
    `round ${no}\n  ${'CPU seconds'.padEnd(NAME)}${PHASES.map((phase) => phase.padStart(COLUMN)).join('')}\n` +
    `${rows.join('')}  ${'wall seconds'.padEnd(NAME)}${cells((phase) => wallSeconds[phase])}\n` +
    `  from opening to the published model on two cores: ${describeTotal(figures)}; ` +
    `at rest for as long ${figures.restSeconds.toFixed(2)} s\n` +
    `  down, up, hashed twice, to the disk and back: ${(100 * figures.ofLimit).toFixed(0)} % of what the servers took\n`
  );
}

const describeTotal = ({ serverSeconds, wholeSeconds }: RoundTotals): string =>
  `servers ${serverSeconds.toFixed(2)} s, with the clients ${wholeSeconds.toFixed(2)} s`;
