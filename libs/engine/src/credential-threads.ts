import { availableParallelism } from 'node:os';

import { workerData, type Piscina } from 'piscina';

import { suiteOf, type CredentialSuite, type DerivedKeyPair, type Engine } from '#credential';
import { openThreads } from '#process';

import { openEngine, type EngineName } from './choose-engine.js';
import { Gather, type Outcome } from './gather.js';

export interface CredentialThreadsOptions {
  readonly engine: EngineName;
  /** 0: one a core */
  readonly threads: number;
}

/** Threads that compute credentials on the process's engine; small requests share a task. */
export class CredentialThreads<Item, Answer> {
  readonly #threads: Piscina<readonly Item[], readonly Outcome<Answer>[]>;
  readonly #gather: Gather<Item, Answer>;

  /** @param module  the compiled worker file; its default export takes items and gives what `settle` does */
  constructor(module: URL, { engine, threads }: CredentialThreadsOptions) {
    const lanes = threads === 0 ? availableParallelism() : threads;
    this.#threads = openThreads(module, { threads: lanes, data: engine });
    this.#gather = new Gather((items) => this.#threads.run(items), { lanes });
  }

  /** @throws Overloaded, CredentialError */
  submit(item: Item): Promise<Answer> {
    return this.#gather.submit(item);
  }

  /** Returns once a thread has answered. */
  async check(): Promise<void> {
    await this.#threads.run([]);
  }

  /** Takes nothing more, and ends the threads when all that was taken is answered. */
  async close(): Promise<void> {
    await this.#gather.close();
    await this.#threads.destroy();
  }
}

/** (In a thread) The engine that the process chose. @throws EngineError */
export const threadEngine = (): Promise<Engine> => openEngine(workerData as EngineName);

/** What every item in a thread's task names: a key, and the attributes to derive from it for. */
export interface KeyedItem {
  readonly suite: string;
  readonly primaryKey: Uint8Array;
  readonly info: Uint8Array;
}

/** (In a thread) Suites and their derived keys: all devices of a slot need the same one. */
export class DerivedKeys {
  readonly #pairs = new Map<string, DerivedKeyPair>();

  /** @param most  keys to remember */
  constructor(
    private readonly engine: Engine,
    private readonly most: number,
  ) {}

  suite(id: string): CredentialSuite {
    return suiteOf(id, this.engine);
  }

  /** By `info` alone: it names use case, suite and epoch, and an epoch has one primary key. */
  of({ suite, primaryKey, info }: KeyedItem): DerivedKeyPair {
    const name = Buffer.from(info).toString('latin1');
    let pair = this.#pairs.get(name);
    if (pair === undefined) {
      pair = this.suite(suite).deriveKeyPair(primaryKey, info);
      if (this.#pairs.size >= this.most) this.#pairs.clear();
      this.#pairs.set(name, pair);
    }
    return pair;
  }
}
