/** How many tokens a second of one core issues and redeems, with each engine and with voprf-ts, in one run. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { allEngines } from '#engine';

import { PARTS, WORKS, tokensOf, type Part, type Work } from './contestants.js';
import { measureThreads, type Scaling } from './credential-threads.js';

export interface CredentialBench {
  /** every contestant does every work once a round; the best counts */
  readonly rounds: number;
}

type Rates = Readonly<Record<Work, number>>;

export interface CredentialBenchResult {
  /** tokens a CPU second of one core, by contestant */
  readonly perSecond: Readonly<Record<string, Rates>>;
  /** the same over what voprf-ts does */
  readonly timesVoprfTs: Readonly<Record<string, Rates>>;
  /** µs of CPU, by engine */
  readonly microseconds: Readonly<Record<string, Readonly<Record<Part, number>>>>;
  /** of wall clock, two threads over one */
  readonly twoThreads: Readonly<Record<string, Scaling>>;
}

export async function benchCredential({ rounds }: CredentialBench): Promise<CredentialBenchResult> {
  const engines = (await allEngines()).map(({ name }) => name).reverse();
  const contestants = await Promise.all([...engines, 'voprf-ts'].map((name) => Contender.start(name)));
  const perSecond = mapRates(await race(contestants, WORKS, rounds), (µs, work) => (tokensOf(work) * 1e6) / µs);
  const microseconds = await race(contestants.slice(0, engines.length), PARTS, rounds);
  contestants.forEach((contestant) => contestant.stop());
  const base = perSecond['voprf-ts']!;
  const twoThreads: Record<string, Scaling> = {};
  for (const name of ['native', 'wasm'] as const) {
    if (engines.includes(name)) twoThreads[name] = await measureThreads(name, rounds);
  }
  return { perSecond, timesVoprfTs: mapRates(perSecond, (rate, work) => rate / base[work]), microseconds, twoThreads };
}

/** A contestant in a process of its own, as a server has one: what one teaches the compiler makes the others slower. */
class Contender {
  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(name: string): Promise<Contender> {
    const child = fork(new URL('./contestant-process.js', import.meta.url), [name]);
    child.once('exit', (code) => {
      if (code !== null) throw new Error(`the process of ${name} ended with code ${code}`);
    });
    await once(child, 'message');
    return new Contender(name, child);
  }

  /** @returns µs of CPU */
  async measure(task: Work | Part): Promise<number> {
    this.child.send(task);
    const [µs] = (await once(this.child, 'message')) as [number];
    return µs;
  }

  stop(): void {
    this.child.kill();
  }
}

/** In turns, so that whatever else the machine does meets all of them. @returns the fewest µs of CPU */
async function race<Task extends Work | Part>(
  contestants: readonly Contender[],
  tasks: readonly Task[],
  rounds: number,
): Promise<Record<string, Record<Task, number>>> {
  const best: Record<string, Record<string, number>> = {};
  for (let round = 0; round < rounds; round++) {
    for (const task of tasks) {
      for (const contestant of contestants) {
        const all = (best[contestant.name] ??= {});
        all[task] = Math.min(all[task] ?? Infinity, await contestant.measure(task));
      }
    }
  }
  return best as Record<string, Record<Task, number>>;
}

const mapRates = (
  all: Readonly<Record<string, Rates>>,
  map: (rate: number, work: Work) => number,
): Record<string, Rates> =>
  Object.fromEntries(
    Object.entries(all).map(([name, rates]) => [
      name,
      Object.fromEntries(WORKS.map((work) => [work, map(rates[work], work)])) as Record<Work, number>,
    ]),
  );

export function describeCredential({
  perSecond,
  timesVoprfTs,
  microseconds,
  twoThreads,
}: CredentialBenchResult): string {
  const names = Object.keys(perSecond);
  const engines = Object.keys(microseconds);
  const rate = (value: number): string => Math.round(value).toLocaleString('en-US');
  const times = (value: number): string => `${value.toFixed(1)}×`;
  return [
    table('tokens a second of one core', names, WORKS, (work, name) => rate(perSecond[name]![work])),
    table('as against voprf-ts', names, WORKS, (work, name) => times(timesVoprfTs[name]![work])),
    table('µs of one core', engines, PARTS, (part, name) => microseconds[name]![part].toFixed(1)),
    table('two threads as against one', Object.keys(twoThreads), ['issue 1', 'redeem'], (work, name) => {
      const { one, two } = twoThreads[name]![work as keyof Scaling];
      return `${rate(two)}/s ${(two / one).toFixed(2)}×`;
    }),
  ].join('\n');
}

function table<Row extends string>(
  title: string,
  columns: readonly string[],
  rows: readonly Row[],
  cell: (row: Row, column: string) => string,
): string {
  const line = (head: string, cells: readonly string[]): string =>
    `${head.padEnd(28)}${cells.map((text) => text.padStart(15)).join('')}\n`;
  return (
    line(title, columns) +
    rows
      .map((row) =>
        line(
          `  ${row}`,
          columns.map((column) => cell(row, column)),
        ),
      )
      .join('')
  );
}
