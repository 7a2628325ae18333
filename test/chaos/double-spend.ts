import { fork, type ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { parameterCount, type Manifest } from '#protocol';

import { Random } from '../../apps/fleet/src/data/random.js';
import { enrolCohort, type Member } from '../fixtures/cohort.js';
import type { TestDatabase } from '../fixtures/database.js';
import { OwnPostgres } from '../fixtures/own-postgres.js';
import { patiently } from '../fixtures/patience.js';
import type { SpenderNews, SpendOrder, Spent } from '../fixtures/spender.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, receiptOf, submit, told, type OpenRound } from '../fixtures/submission.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

import { disturbing, type Disturbance } from './disturbance.js';

const CLIENTS = 4;
const INTAKES = 3;
const WITHIN = { withinMs: 60_000 };

/** One race for every token of a slot: each is tried many times at once, each time with another payload. */
export interface SpendRace extends Disturbance {
  readonly tokens: number;
  readonly tries: number;
  /** rounds that one token is good for; each is a race */
  readonly uses: number;
}

export const QUIET = { kills: false, restarts: false };
const EVERYTHING = { kills: true, restarts: true };

/** k races for 50 fresh tokens, each tried 200 times, while intake processes die and PostgreSQL is restarted; one with reuse. */
export const doubleSpend: Suite = {
  name: 'double spend',
  soakK: 20,
  run: (plan) => runDoubleSpend(plan, racesOf(plan.k, { tokens: 50, tries: 200 })),
};

export function racesOf(k: number, size: Pick<SpendRace, 'tokens' | 'tries'>): SpendRace[] {
  const races = Array.from({ length: k }, () => ({ ...size, ...EVERYTHING, uses: 1 }));
  return [...races, { tokens: 10, tries: CLIENTS * Math.ceil(size.tries / 5 / CLIENTS), uses: 5, ...EVERYTHING }];
}

/** @param plant  makes the database a wrong one, for the mutant that this must kill */
export async function runDoubleSpend(
  { seed }: SuitePlan,
  races: readonly SpendRace[],
  plant: (database: TestDatabase) => Promise<void> = async () => {},
): Promise<SuiteResult> {
  const random = new Random(seed, 'double spend');
  const postgres = await OwnPostgres.start();
  const tally = new Tally();
  try {
    const intakes = Array.from({ length: INTAKES }, () => ({}));
    const plan = { server: postgres.server, intakes, crashTest: true, without: ['worker'] } as const;
    const starling = await startStarling(plan);
    try {
      await plant(starling.database);
      for (const race of races) await new SpendTrial({ starling, postgres, random }, race, tally).run();
    } finally {
      await starling.stop();
    }
  } finally {
    await postgres.remove();
  }
  const largest = races[0]!;
  return { n: `${largest.tokens} tokens × ${largest.tries}`, ...tally.result() };
}

/** What came of all tries, by the receipts in the clients' hands. */
class Tally {
  readonly #sum = { expected: 0, accepted: 0, lost: 0, doubled: 0, alien: 0 };
  readonly #seen = { tries: 0, again: 0, kills: 0, restarts: 0 };
  readonly #wrong: string[] = [];

  count(spent: readonly Spent[], tokens: number): Spent[] {
    const winners = spent.filter(({ submission, told }) => told === receiptOf(submission));
    const wins = Array.from({ length: tokens }, (_, token) => winners.filter((one) => one.token === token).length);
    const losers = spent.filter((one) => !winners.includes(one));
    this.#sum.expected += tokens;
    this.#sum.accepted += winners.length;
    this.#sum.lost += wins.filter((n) => n === 0).length;
    this.#sum.doubled += wins.reduce((sum, n) => sum + Math.max(0, n - 1), 0);
    this.#sum.alien += losers.filter(({ told }) => told.length === 64).length;
    for (const code of new Set(losers.map(({ told }) => told))) if (code !== 'token_spent') this.wrong(`told ${code}`);
    this.#seen.tries += spent.length;
    this.#seen.again += spent.filter(({ again }) => again > 0).length;
    return winners;
  }

  disturbed({ kills, restarts }: { readonly kills: number; readonly restarts: number }): void {
    this.#seen.kills += kills;
    this.#seen.restarts += restarts;
  }

  wrong(what: string): void {
    this.#wrong.push(what);
  }

  result(): Omit<SuiteResult, 'n'> {
    const { tries, again, kills, restarts } = this.#seen;
    const note = `${tries} tries, ${again} sent again, ${kills} kills, ${restarts} restarts`;
    return { ...this.#sum, wrong: this.#wrong, note };
  }
}

/** Fresh tokens, and as many rounds as each is good for. */
class SpendTrial {
  constructor(
    private readonly where: {
      readonly starling: TestStarling;
      readonly postgres: OwnPostgres;
      readonly random: Random;
    },
    private readonly race: SpendRace,
    private readonly tally: Tally,
  ) {}

  async run(): Promise<void> {
    const { starling } = this.where;
    const { tokens, uses } = this.race;
    const manifest = await starling.researcher.createUseCase({ reuse: uses });
    const members = await enrolCohort(starling, manifest, tokens);
    const ids = await starling.researcher.startRounds(manifest.useCase, { count: uses });
    for (const id of ids) {
      await starling.researcher.awaitRound(id, 'open', WITHIN.withinMs);
      const round = await awaitOpenRound(starling.coordinator, manifest.useCase);
      const filesBefore = await this.#countFiles();
      const work = (): Promise<Spent[]> => this.#spend(manifest, members, round);
      const [spent, disturbed] = await disturbing(this.where, this.race, work);
      this.tally.disturbed(disturbed);
      const winners = this.tally.count(spent, tokens);
      if (spent.length !== tokens * this.race.tries) this.tally.wrong(`${spent.length} tries came back`);
      await this.#askAgain(winners, spent);
      const files = (await this.#countFiles()) - filesBefore;
      // Who is killed leaves what it was writing, for the garbage collection of the worker.
      if (!this.race.kills && !this.race.restarts && files !== tokens) this.tally.wrong(`${files} files are left`);
      await patiently(() => starling.researcher.abort(id), WITHIN);
    }
  }

  /** A body that lost leaves nothing behind. */
  async #countFiles(): Promise<number> {
    const options = { recursive: true, withFileTypes: true } as const;
    const entries = await readdir(join(this.where.starling.directory, 'bodies'), options).catch(() => []);
    return entries.filter((entry) => entry.isFile()).length;
  }

  /** Everybody tries: four client processes at once. */
  async #spend(manifest: Manifest, members: readonly Member[], round: OpenRound): Promise<Spent[]> {
    const order: SpendOrder = {
      intakes: this.where.starling.intakes,
      round,
      tokens: members.map(({ tokens }) => tokens[0]!),
      tries: this.race.tries / CLIENTS,
      parameters: parameterCount(manifest),
      width: 12,
    };
    const clients = Array.from({ length: CLIENTS }, spender);
    await Promise.all(clients.map((client) => newsOf(client, () => client.send(order))));
    const news = await Promise.all(clients.map((client) => newsOf(client, () => client.send('go'))));
    return news.flatMap((one) => ('spent' in one ? one.spent : []));
  }

  /** The winner is told the same again, by every process; a loser is not told anything else. */
  async #askAgain(winners: readonly Spent[], spent: readonly Spent[]): Promise<void> {
    const { intakes } = this.where.starling;
    const losers = spent.filter((one) => !winners.includes(one)).slice(0, winners.length);
    for (const [i, one] of [...winners, ...losers].entries()) {
      const again = told(await patiently(() => submit(intakes[i % intakes.length]!, one.submission), WITHIN));
      if (again !== one.told) this.tally.wrong(`told ${one.told}, then ${again}`);
    }
  }
}

const spender = (): ChildProcess =>
  fork(new URL('../fixtures/spender.js', import.meta.url), { serialization: 'advanced', execArgv: [] });

/** What the client says next, once it was told this. */
function newsOf(client: ChildProcess, tell: () => unknown): Promise<SpenderNews> {
  return new Promise((resolve, reject) => {
    client.once('error', reject);
    client.once('exit', (code) => reject(new Error(`a spender ended with code ${code} and no report`)));
    client.once('message', (news: SpenderNews) => resolve(news));
    tell();
  });
}
