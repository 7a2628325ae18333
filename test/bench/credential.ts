/** How many tokens a second of one core issues and redeems, with each engine and with voprf-ts, in one run. */
import { nobleEngine, type Engine, type Group } from '#credential';
import { allEngines } from '#engine';

import { WORKS, ours, random, tokensOf, voprfTs, type Contestant, type Work } from './contestants.js';
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
  readonly microseconds: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** of wall clock, two threads over one */
  readonly twoThreads: Readonly<Record<string, Scaling>>;
}

/** CPU of a measurement and of the slices whose best counts, µs: short enough to be left alone now and then, long enough for the collector's share. */
const MEASUREMENT = 240_000;
const SLICE = 80_000;

export async function benchCredential({ rounds }: CredentialBench): Promise<CredentialBenchResult> {
  const engines = await allEngines();
  const contestants = [...engines.toReversed().map(ours), await voprfTs()];
  const perSecond = await race(contestants, rounds);
  const base = perSecond['voprf-ts']!;
  const microseconds: Record<string, Record<string, number>> = {};
  for (const engine of engines) microseconds[engine.name] = await split(engine, rounds);
  const servers = engines.filter((engine) => engine !== nobleEngine).map(({ name }) => name as 'native' | 'wasm');
  const twoThreads: Record<string, Scaling> = {};
  for (const name of servers) twoThreads[name] = await measureThreads(name, rounds);
  return { perSecond, timesVoprfTs: mapRates(perSecond, (rate, work) => rate / base[work]), microseconds, twoThreads };
}

/** In turns, so that whatever else the machine does meets all of them. */
async function race(contestants: readonly Contestant[], rounds: number): Promise<Record<string, Rates>> {
  const best: Record<string, Record<Work, number>> = {};
  for (let round = 0; round < rounds; round++) {
    for (const work of WORKS) {
      for (const { name, works } of contestants) {
        const rate = (tokensOf(work) * 1e6) / (await cost(works[work]));
        const rates = (best[name] ??= Object.fromEntries(WORKS.map((work) => [work, 0])) as Record<Work, number>);
        rates[work] = Math.max(rates[work], rate);
      }
    }
  }
  return best;
}

/** CPU time of one run, µs: all threads of the process, so that a collector's time counts too. */
async function cost(run: () => unknown): Promise<number> {
  let [best, spent] = [Infinity, 0];
  await run();
  while (spent < MEASUREMENT) {
    const before = process.cpuUsage();
    for (let runs = 1, slice = 0; slice < SLICE; runs++) {
      await run();
      const { user, system } = process.cpuUsage(before);
      slice = user + system;
      if (slice < SLICE) continue;
      best = Math.min(best, slice / runs);
      spent += slice;
    }
  }
  return best;
}

/** What the works are made of. */
async function split(engine: Engine, rounds: number): Promise<Record<string, number>> {
  const operations = operationsOf(engine.group('ristretto255')!);
  const best: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, { run, times }] of Object.entries(operations)) {
      best[name] = Math.min(best[name] ?? Infinity, (await cost(run)) / times);
    }
  }
  return best;
}

function operationsOf<E, S>(group: Group<E, S>): Record<string, { run: () => unknown; times: number }> {
  const [uniform, message] = [random(64), random(200)];
  const [element, scalar] = [group.elementFromUniform(uniform), group.scalarFromUniform(uniform)];
  const bytes = group.encodeElement(element);
  const elements = Array.from({ length: 20 }, () => group.elementFromUniform(random(64)));
  const scalars = elements.map(() => group.scalarFromUniform(random(64)));
  const once = (run: () => unknown) => ({ run, times: 1 });
  return {
    'map to the group': once(() => group.elementFromUniform(uniform)),
    'decode, multiply, encode': once(() => group.encodeElement(group.multiply(group.decodeElement(bytes)!, scalar))),
    'composite, each pair': { run: () => group.encodeElement(group.sumOfProducts(elements, scalars)), times: 20 },
    'generator times nonce': once(() => group.encodeElement(group.multiplyGenerator(scalar))),
    'SHA-512 of 200 bytes': once(() => group.hash(message)),
    'hash to a scalar': once(() => group.scalarFromUniform(group.hash(message))),
    'scalar product': once(() => group.multiplyScalars(scalar, scalar)),
    'inverse of a key': once(() => group.invertScalar(scalar)),
  };
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
  const engines = Object.keys(microseconds).toReversed();
  const rate = (value: number): string => Math.round(value).toLocaleString('en-US');
  const times = (value: number): string => `${value.toFixed(1)}×`;
  return [
    table('tokens a second of one core', names, WORKS, (work, name) => rate(perSecond[name]![work])),
    table('as against voprf-ts', names, WORKS, (work, name) => times(timesVoprfTs[name]![work])),
    table('µs of one core', engines, Object.keys(microseconds[engines[0]!]!), (what, name) =>
      microseconds[name]![what]!.toFixed(1),
    ),
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
