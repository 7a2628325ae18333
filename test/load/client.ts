import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { Backoff, submit } from '#client';
import { nodeConnect } from '#client/node';
import { openEngine } from '#engine';
import type { Manifest } from '#protocol';

import { inParallel, type Member } from '../fixtures/cohort.js';
import { random, TestDevice, type BlindedBatch } from '../fixtures/device.js';
import { codeOf } from '../fixtures/http.js';
import { open, payloadOf, prepare, type OpenRound } from '../fixtures/submission.js';

/** What a process of simulated devices is for. */
export interface LoadPlan {
  readonly issuer: string;
  readonly intake: string;
  readonly manifest: Manifest;
  readonly code: string;
  readonly devices: number;
}

/** What it is told to do next. Devices that have submitted are not used again. */
export type Order =
  /** so many submit, the last of them after `overMs`, ever more at a time; or `width` at a time */
  | { readonly submit: number; readonly round: OpenRound; readonly overMs?: number; readonly width?: number }
  /** asks for tokens, so many requests a second, until told to stop */
  | { readonly storm: number; readonly forMs: number }
  /** opens with tokens that are made up, `width` at a time */
  | { readonly flood: number; readonly forMs: number; readonly round: OpenRound };

/** What became of it: how many got what they wanted, what the others were told, and in how long, ms. */
export interface Outcome {
  readonly asked: number;
  readonly good: number;
  readonly told: Readonly<Record<string, number>>;
  readonly ms: number;
  /** how many got it in a second, until nine in ten of those who did had it: while there was something to do */
  readonly goodput: number;
}

const PAYLOAD = payloadOf(Array.from({ length: 64 }, () => 1));
const RETRIES = { attempts: 5, baseMs: 200, capMs: 5000 };
const SLOTS = 16;

class Devices {
  readonly #connect = nodeConnect();
  readonly #clock = { now: () => Date.now(), sleep: (ms: number) => sleep(ms) };

  constructor(
    private readonly plan: LoadPlan,
    private readonly members: Member[],
  ) {}

  static async enrolled(plan: LoadPlan): Promise<Devices> {
    const engine = await openEngine('wasm');
    const members = await inParallel(Array.from({ length: plan.devices }), 4, async () => {
      const device = await TestDevice.enrolled({ ...plan, engine });
      return { device, tokens: await device.fetchTokens([0]) };
    });
    return new Devices(plan, members);
  }

  async follow(order: Order): Promise<Outcome> {
    const since = performance.now();
    const told: Record<string, number> = {};
    const goodAt: number[] = [];
    const note = (answer: string): void => {
      told[answer] = (told[answer] ?? 0) + 1;
      if (answer === 'ok') goodAt.push(performance.now() - since);
    };
    if ('submit' in order) await this.#submit(order, note);
    else if ('storm' in order) await this.#storm(order, note);
    else await this.#flood(order, note);
    const asked = Object.values(told).reduce((sum, count) => sum + count, 0);
    const most = Math.ceil(0.9 * goodAt.length);
    const goodput = most === 0 ? 0 : (1000 * most) / goodAt[most - 1]!;
    return { asked, good: goodAt.length, told, ms: performance.now() - since, goodput };
  }

  async #submit({ submit: count, round, overMs = 0, width }: Extract<Order, { submit: number }>, note: Note) {
    const batch = this.members.splice(0, count);
    await inParallel(batch, width ?? count, async ({ tokens }, i) => {
      // A ramp: the square root makes them come ever more quickly.
      await sleep(overMs * Math.sqrt(i / count));
      const prepared = prepare(round, tokens[0]!, PAYLOAD);
      const transport = { intake: this.plan.intake, connect: this.#connect, clock: this.#clock, random };
      const result = await submit(transport, prepared).catch((error: Error) => error);
      note(result instanceof Error ? result.message : result.outcome === 'accepted' ? 'ok' : result.code);
    });
  }

  /** Each request is evaluated in vain where it is not shed: its slots were issued for other elements. Retried as devices do. */
  async #storm({ storm: perSecond, forMs }: Extract<Order, { storm: number }>, note: Note): Promise<void> {
    const batches = await this.#batches();
    const asked: Promise<void>[] = [];
    const started = performance.now();
    while (performance.now() - started < forMs) {
      const due = Math.floor(((performance.now() - started) * perSecond) / 1000);
      while (asked.length < due) asked.push(this.#ask(batches[asked.length % batches.length]!, note));
      await sleep(5);
    }
    await Promise.all(asked);
  }

  async #batches(): Promise<(() => ReturnType<TestDevice['request']>)[]> {
    const { device } = this.members[0]!;
    const { epoch } = await device.window();
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
    const pool: BlindedBatch[] = Array.from({ length: 4 }, () => device.blind(epoch, slots));
    return this.members.slice(0, 100).flatMap(({ device }) => pool.map((batch) => () => device.request(batch)));
  }

  async #ask(request: () => ReturnType<TestDevice['request']>, note: Note): Promise<void> {
    const backoff = new Backoff(RETRIES, (length) => new Uint8Array(randomBytes(length)));
    for (;;) {
      const answer = await request().catch(() => undefined);
      const code = answer === undefined ? 'unreachable' : codeOf(answer);
      note(code);
      if (!['overloaded', 'rate_limited', 'unreachable', 'internal'].includes(code)) return;
      const { retryAfterMs = 0 } = (answer?.json ?? {}) as { retryAfterMs?: number };
      if (code !== 'unreachable' && retryAfterMs === 0) note(`${code} without a time`);
      const wait = backoff.next(retryAfterMs);
      if (wait === undefined) return;
      await sleep(wait);
    }
  }

  async #flood({ flood: width, forMs, round }: Extract<Order, { flood: number }>, note: Note): Promise<void> {
    const until = performance.now() + forMs;
    const { info } = this.members[0]!.tokens[0]!;
    const forge = async (): Promise<void> => {
      while (performance.now() < until) {
        const token = { epoch: 0, slot: 0, info, token: random(32), prf: random(64) };
        const answer = await open(this.plan.intake, prepare(round, token, PAYLOAD)).catch(() => undefined);
        note(answer === undefined ? 'no connection' : answer.ok ? 'ok' : answer.code);
      }
    };
    await Promise.all(Array.from({ length: width }, forge));
  }
}

type Note = (told: string) => void;

process.once('message', (plan: LoadPlan) => {
  void Devices.enrolled(plan).then((devices) => {
    process.on('message', (order: Order) => void devices.follow(order).then((outcome) => process.send!(outcome)));
    process.send!({ asked: plan.devices, good: plan.devices, told: {}, ms: 0, goodput: 0 } satisfies Outcome);
  });
});
