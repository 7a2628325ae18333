import type { Job } from 'bullmq';

import { BOOK, Strategies } from '#learning';
import { JOB_SETTINGS, QUEUE } from '#queue';
import { FileBodyStore } from '#storage/bodies';
import { FinishedRounds, RoundClosing } from '#storage/intake-closed';
import { ReleaseLedger, RoundResults, type Models } from '#storage/rounds';
import { merkleRoot } from '#transparency';

import { RottenError, type Rotten } from '../../apps/worker/src/arithmetic.js';
import { combine, fold, total } from '../../apps/worker/src/arithmetic.worker.js';
import { Reconciler, type ReconcilerPorts } from '../../apps/worker/src/reconciler.js';
import { RoundFolder } from '../../apps/worker/src/round-folder.js';
import { CloseProcessor, FoldProcessor, PublishProcessor } from '../../apps/worker/src/round-processors.js';
import { sha256 } from '../fixtures/device.js';

import type { Premises } from './premises.js';

/** What the queue does with jobs, which are hints: some are lost, some come twice. */
export type Delivery = 'lost' | 'once' | 'twice';

const TURNS = 8;

/** The worker's classes over a queue of this process. */
export class SimulatedWorker {
  readonly #reconciler: Reconciler;
  #asked: (() => Promise<void>)[] = [];

  constructor({ pools, bodies: bodiesDirectory, models: modelsDirectory }: Premises) {
    const pool = pools.worker;
    const [bodies, results] = [new FileBodyStore(bodiesDirectory), new RoundResults(pool)];
    const closing = new RoundClosing(pool, (leaves) => merkleRoot(sha256, leaves));
    const arithmetic = {
      fold: async (task: Parameters<typeof fold>[0]) => fresh(await fold(task)),
      combine: async (task: Parameters<typeof combine>[0]) => fresh(await combine(task)),
      total: async (task: Parameters<typeof total>[0]) => fresh(await total(task)),
    };
    const folder = new RoundFolder({
      results,
      ledger: new ReleaseLedger(pool),
      bodies,
      arithmetic,
      bodiesDirectory,
      modelsDirectory,
    });
    this.#reconciler = new Reconciler({
      ...this.#queues(),
      closing,
      results,
      bodies,
      modelFiles: { sweep: async () => {} },
      finished: new FinishedRounds(pool),
      models: { unevaluated: async () => [], giveUpMeasuring: async () => {} } as unknown as Models,
    });
    this.#processors = {
      [QUEUE.close]: new CloseProcessor(closing, new Strategies(BOOK), this.#reconciler),
      [QUEUE.fold]: new FoldProcessor(folder, results),
      [QUEUE.publish]: new PublishProcessor(folder, results, this.#reconciler),
    };
  }

  readonly #processors: Readonly<Record<string, { process(job: Job): Promise<void> }>>;

  #queues(): Pick<ReconcilerPorts, 'closeQueue' | 'publishQueue' | 'evaluateQueue' | 'flows'> {
    const ask = (queue: string, data: unknown): void =>
      void this.#asked.push(() => this.#processors[queue]!.process({ data } as Job));
    return {
      closeQueue: { add: async (_, data) => ask(QUEUE.close, data) as never },
      publishQueue: { getJob: async () => undefined as never },
      evaluateQueue: { add: async () => undefined as never },
      flows: {
        add: async ({ children = [], queueName, data }) => {
          for (const child of children) ask(child.queueName, child.data);
          return ask(queueName, data) as never;
        },
      },
    };
  }

  async work(delivery: Delivery): Promise<void> {
    await this.#reconciler.run();
    for (let turn = 0; turn < TURNS && this.#asked.length > 0; turn++) {
      const jobs = this.#asked;
      this.#asked = [];
      if (delivery === 'lost') return;
      for (const job of delivery === 'twice' ? [...jobs, ...jobs] : jobs) await tried(job);
    }
    this.#asked = [];
  }
}

/** A failed job is tried again as often as the queue does; the reconciler asks for it anew later. */
async function tried(job: () => Promise<void>): Promise<void> {
  for (let attempt = 1; attempt <= JOB_SETTINGS.attempts; attempt++) {
    const failed = await job().then(
      () => false,
      () => true,
    );
    if (!failed) return;
  }
}

function fresh<T extends object>(result: T | Rotten): T {
  if ('rotten' in result) throw new RottenError(result.rotten);
  return result;
}
