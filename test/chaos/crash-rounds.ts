import { setTimeout as sleep } from 'node:timers/promises';

import type { Manifest, RoundView } from '#protocol';

import { Random } from '../../apps/fleet/src/data/random.js';
import { inParallel } from '../fixtures/cohort.js';
import type { TestDatabase } from '../fixtures/database.js';
import { TestDevice, type Token } from '../fixtures/device.js';
import { CHUNK_BYTES, GRID, LAYOUT, oneHot, OneHotJudge, type Noted } from '../fixtures/one-hot.js';
import { OwnPostgres } from '../fixtures/own-postgres.js';
import { eventually, patiently, submitPatiently } from '../fixtures/patience.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, prepare, receiptOf, told, type OpenRound } from '../fixtures/submission.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

import { crashesTogether, crashOf, CRASHES, type Crash } from './crash-plan.js';

/** Nothing takes as long as this, however busy the machine. */
const WITHIN = { withinMs: 120_000 };
/** From the moment that what died is back. 15 s are promised and printed; a machine with other work takes longer. */
const DONE_WITHIN_MS = 60_000;
const WIDTH = 12;

/** What a use case is put through: in each of its rounds, these die. */
type Trial = readonly (readonly Crash[])[];

export interface CrashShape {
  readonly devices: number;
  readonly trials: readonly Trial[];
}

/** At every point alone, k times: three rounds of 60 devices, in one of which something dies. */
export const crashRounds: Suite = {
  name: 'crash rounds',
  soakK: 1,
  run: ({ seed, k }) => runCrashRounds({ seed, k }, (random) => oneByOne(k, random)),
};

const ROUNDS = 3;
const DEVICES = 60;

function oneByOne(k: number, random: Random): CrashShape {
  const names = Array.from({ length: k }, () => CRASHES).flat();
  const trials = names.map((name) => {
    const unlucky = random.below(ROUNDS);
    return Array.from({ length: ROUNDS }, (_, i) => (i === unlucky ? [crashOf(name, DEVICES, random)] : []));
  });
  return { devices: DEVICES, trials };
}

/** All points in a dozen rounds of one use case, several in each: k times, with few devices. */
export function inOneGo(k: number, random: Random): CrashShape {
  const devices = 12;
  return { devices, trials: Array.from({ length: k }, () => crashesTogether(devices, random)) };
}

export async function runCrashRounds({ seed }: SuitePlan, shape: (random: Random) => CrashShape): Promise<SuiteResult> {
  const random = new Random(seed, 'crash rounds');
  const { devices, trials } = shape(random);
  const postgres = await OwnPostgres.start();
  const total = { expected: 0, accepted: 0, lost: 0, doubled: 0, alien: 0, wrong: [] as string[], slowestMs: 0 };
  try {
    const starling = await startStarling({ server: postgres.server, crashTest: true });
    try {
      for (const trial of trials) await new CrashTrial(starling, postgres, random, total).run(devices, trial);
    } finally {
      await starling.stop();
    }
  } finally {
    await postgres.remove();
  }
  const { slowestMs, ...counted } = total;
  const rounds = trials.reduce((sum, { length }) => sum + length, 0);
  const crashes = trials.flat(2).length;
  const note = `${crashes} crashes, done ≤ ${(slowestMs / 1000).toFixed(1)} s after the restart`;
  return { n: `${devices} devices × ${rounds} rounds`, ...counted, note };
}

type Total = { -readonly [K in 'expected' | 'accepted' | 'lost' | 'doubled' | 'alien']: number } & {
  readonly wrong: string[];
  slowestMs: number;
};

interface Round {
  readonly manifest: Manifest;
  readonly devices: readonly TestDevice[];
  /** from 0; its slot too */
  readonly number: number;
  readonly id: string;
}

interface Played {
  readonly view: RoundView;
  /** by this process's clock */
  readonly publishedAt: number;
  readonly notes: readonly Noted[];
}

/** One use case through its rounds, with whatever dies in them. */
class CrashTrial {
  readonly #judge = new OneHotJudge();
  #databaseLives = 0;

  constructor(
    private readonly starling: TestStarling,
    private readonly postgres: OwnPostgres,
    private readonly random: Random,
    private readonly total: Total,
  ) {}

  async run(devices: number, trial: Trial): Promise<void> {
    const { researcher } = this.starling;
    const count = trial.length;
    const task = { layout: LAYOUT, ...GRID, chunkBytes: CHUNK_BYTES, slots: count, epochSeconds: 86_400 };
    const manifest = await researcher.createUseCase(task);
    const cohort = await this.#enrol(manifest, devices);
    const plan = { count, min: devices, target: devices, deadlineSeconds: 3600 };
    const ids = await researcher.startRounds(manifest.useCase, plan);
    for (const [number, crashes] of trial.entries())
      await this.#round({ manifest, devices: cohort, number, id: ids[number]! }, crashes);
  }

  async #enrol(manifest: Manifest, size: number): Promise<TestDevice[]> {
    const { issuer, researcher } = this.starling;
    const code = await researcher.enrolmentCode(manifest.useCase, size);
    const each = Array.from({ length: size });
    return inParallel(each, 4, () => TestDevice.enrolled({ issuer, manifest, code }));
  }

  async #round(round: Round, crashes: readonly Crash[]): Promise<void> {
    const [played, ...backAt] = await Promise.all([
      this.#play(round, crashes),
      ...crashes.map((one) => this.#crash(one)),
    ]);
    const { view, publishedAt, notes } = played;
    // What died after the round was done, or while others were dead as well, delayed nothing by itself.
    const waitedMs = backAt.length === 0 ? 0 : Math.min(...backAt.map((at) => Math.max(0, publishedAt - at)));
    const names = crashes.map(({ name, at }) => (at ? `${name}:${at.nth}` : name)).join(', ') || 'nothing';
    this.total.slowestMs = Math.max(this.total.slowestMs, waitedMs);
    const wrong = waitedMs > DONE_WITHIN_MS ? [`it took ${Math.round(waitedMs)} ms`] : [];

    const [accepted, model] = await Promise.all([this.#acceptedList(view), this.#model(view)]);
    const verdict = this.#judge.judge({ number: round.number, view }, notes, { accepted, model });
    this.total.expected += notes.length;
    this.total.accepted += notes.filter(({ submission, told }) => told === receiptOf(submission)).length;
    for (const kind of ['lost', 'doubled', 'alien'] as const) this.total[kind] += verdict[kind];
    this.total.wrong.push(...[...wrong, ...verdict.wrong].map((one) => `${names} died: ${one}`));
  }

  /** Lets it die, or waits until somebody else has. @returns when it was back */
  async #crash({ name, process, at }: Crash): Promise<number> {
    const lives = (): number => (process === 'postgresql' ? this.#databaseLives : this.starling.restarts(process));
    const before = lives();
    if (at !== undefined) await this.starling.crashAt(process, at.point, at.nth);
    await eventually(`${name} comes and goes`, () => lives() > before, WITHIN);
    return performance.now();
  }

  /** What everybody does in a round, whatever dies meanwhile. */
  async #play(round: Round, crashes: readonly Crash[]): Promise<Played> {
    const { coordinator, database } = this.starling;
    const dies = (wanted: string): boolean => crashes.some(({ name }) => name === wanted);
    const tokens = await inParallel(round.devices, WIDTH, (device) => fetchToken(device, round.number));
    await eventually('the round opens', async () => (await this.#view(round)).state === 'open', WITHIN);
    const open = await awaitOpenRound(coordinator, round.manifest.useCase);
    const held = dies('intake-accept-sent') ? await holdAcceptances(database, round.id) : undefined;
    const fromOutside = async (): Promise<void> => {
      if (held !== undefined) await held.whileThey(() => this.starling.kill('intake 0'));
      if (dies('postgresql')) await this.#killDatabase();
    };
    const [notes] = await Promise.all([this.#submitAll(round, open, tokens), fromOutside()]);
    let view: RoundView;
    await eventually('the round ends', async () => (view = await this.#view(round)).publishedAt !== null, WITHIN);
    return { view: view!, publishedAt: performance.now(), notes };
  }

  #submitAll({ number }: Round, open: OpenRound, tokens: readonly Token[]): Promise<Noted[]> {
    return inParallel(tokens, WIDTH, async (token, device) => {
      const submission = prepare(open, token, oneHot(device, number));
      const { outcome } = await submitPatiently(this.starling.intakes, submission, WITHIN);
      return { submission, told: told(outcome) };
    });
  }

  async #killDatabase(): Promise<void> {
    await sleep(2000 * this.random.uniform());
    await this.postgres.kill();
    await this.postgres.start();
    this.#databaseLives++;
  }

  async #view({ id }: Round): Promise<RoundView> {
    const view = await patiently(async () => {
      const view = await this.starling.researcher.round(id);
      if (view.state === undefined) throw new Error('no round was shown');
      return view;
    }, WITHIN);
    if (view.state === 'abandoned') throw new Error(`a round was abandoned: ${view.detail}`);
    return view;
  }

  async #acceptedList({ id }: RoundView): Promise<Uint8Array[]> {
    const bytes = await this.#get(`/rounds/${id}/accepted`);
    return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * (i + 1)));
  }

  #model({ modelOut }: RoundView): Promise<Uint8Array> {
    return this.#get(`/models/${modelOut}`);
  }

  #get(path: string): Promise<Uint8Array> {
    return patiently(async () => {
      const answer = await fetch(`${this.starling.coordinator}/v1${path}`);
      if (!answer.ok) throw new Error(`${path}: status ${answer.status}`);
      return new Uint8Array(await answer.arrayBuffer());
    }, WITHIN);
  }
}

/** The same request again until it is answered: a batch that was charged before a crash gets the same bytes. */
async function fetchToken(device: TestDevice, slot: number): Promise<Token> {
  const batch = device.blind(0, [slot]);
  const [token] = await patiently(async () => device.finalize(batch, await device.request(batch)), WITHIN);
  return token!;
}

/** Makes acceptances of a round wait in PostgreSQL, so that who sent them can die meanwhile. They commit all the same. */
async function holdAcceptances({ admin }: TestDatabase, roundId: string) {
  const client = await admin.connect();
  client.on('error', () => {});
  await client.query('begin');
  await client.query('select from rounds.round where id = $1 for update', [roundId]);
  const areWaiting = async (): Promise<boolean> => {
    // On a connection of its own: a transaction goes on seeing the sessions that it saw first.
    const { rows } = await admin.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and usename = 'starling_intake' and wait_event_type = 'Lock'`,
    );
    return rows[0]!.n > 0;
  };
  const whileThey = async (act: () => void): Promise<void> => {
    await eventually('acceptances wait', areWaiting, WITHIN);
    act();
    await client.query('commit');
    client.release();
  };
  return { whileThey };
}
