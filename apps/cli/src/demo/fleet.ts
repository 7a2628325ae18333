import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { Supervisor } from '#process';

import { CliError, EXIT } from '../cli-error.js';
import { jsonOrNothing } from '../json-or-nothing.js';
import type { Lifetime } from '../lifetime.js';

export const MISBEHAVIOURS = ['double_spend', 'forged_token', 'wrong_shape', 'vanished'] as const;

const count = z.int().min(0);
const tally = z.record(z.string(), count);
/** What the fleet says, one JSON object a line. What it may say besides is nothing to us. */
const Report = z.discriminatedUnion('type', [
  z.object({ type: z.literal('enrolled'), count, of: count }),
  z.object({ type: z.literal('prefetched'), devices: count, tokens: count }),
  z.object({ type: z.literal('misbehaved'), kind: z.enum(MISBEHAVIOURS), slot: count, code: z.string().nullable() }),
  z.object({ type: z.literal('round'), slot: count, accepted: count, refused: tally, skipped: tally, failed: tally }),
  z.object({ type: z.literal('done'), rounds: count }),
]);
type Report = z.infer<typeof Report>;
export type Misbehaved = Extract<Report, { type: 'misbehaved' }>;
/** A round as the honest devices saw it. */
export type RoundTold = Extract<Report, { type: 'round' }>;

export interface FleetOptions {
  /** the fleet's own configuration, as JSON */
  readonly config: unknown;
  /** of a Starling, for the log */
  readonly directory: string;
  readonly onEnrolled: (count: number) => void;
}

/** Settles when somebody says so. */
class Outcome<T> {
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => undefined); // whoever waits is told; nobody has to wait
  }
}

/** The process with the simulated devices, and what it has reported so far. */
export class Fleet {
  readonly misbehaved: Misbehaved[] = [];
  readonly rounds: RoundTold[] = [];
  readonly #log: WriteStream;
  readonly #prefetched = new Outcome<{ devices: number; tokens: number }>();
  readonly #done = new Outcome<void>();
  readonly #failed = new Outcome<never>();
  readonly #supervisor: Supervisor;

  private constructor(private readonly options: FleetOptions) {
    this.#log = createWriteStream(join(options.directory, 'logs', 'fleet.log'), { flags: 'a', mode: 0o600 });
    this.#log.on('error', () => undefined);
    this.#supervisor = new Supervisor({
      onLine: (_, line) => this.#hear(line),
      onCrash: (_, { message }) =>
        this.#failed.reject(new CliError(EXIT.failed, `The simulated devices are gone: ${message}`)),
    });
  }

  static async start(lifetime: Lifetime, options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    lifetime.atEnd(() => fleet.#stop());
    await fleet.#supervisor.start({
      name: 'fleet',
      module: new URL('../../../fleet/src/main.js', import.meta.url),
      env: { STARLING_FLEET: JSON.stringify(options.config) },
      roomyHeap: true,
    });
    return fleet;
  }

  /** All devices are enrolled and hold their tokens. */
  get prefetched(): Promise<{ devices: number; tokens: number }> {
    return this.#prefetched.promise;
  }

  /** Every device has had all its rounds. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Rejects when the fleet has died. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  #hear(line: string): void {
    this.#log.write(`${line}\n`);
    const report = Report.safeParse(jsonOrNothing(line)).data;
    if (report?.type === 'enrolled') this.options.onEnrolled(report.count);
    else if (report?.type === 'prefetched') this.#prefetched.resolve(report);
    else if (report?.type === 'misbehaved') this.misbehaved.push(report);
    else if (report?.type === 'round') this.rounds.push(report);
    else if (report?.type === 'done') this.#done.resolve();
  }

  async #stop(): Promise<void> {
    await this.#supervisor.stopAll();
    await new Promise((resolve) => this.#log.end(resolve));
  }
}
