import 'reflect-metadata';

import { availableParallelism } from 'node:os';

import { getFlowProducerToken, getQueueToken } from '@nestjs/bullmq';
import { logFailure, startApp } from '#edge';
import { announceReady, openThreads, readConfig, stopOnSignals } from '#process';
import { QUEUE, queueConnection } from '#queue';
import { assertDurable, openPool } from '#storage/database';

import { RottenError, type Arithmetic, type Rotten } from './arithmetic.js';
import { WorkerConfig } from './config.js';
import type measure from './evaluation.worker.js';
import type { EvaluationTask } from './evaluation.worker.js';
import { Reconciler } from './reconciler.js';
import { CloseProcessor, EvaluateProcessor, FoldProcessor, PublishProcessor } from './round-processors.js';
import { WorkerModule } from './worker.module.js';

const RECONCILE_MS = 250;
const COLLECT_MS = 600_000;
/** TensorFlow takes a second to load: keep it from one round to the next. */
const EVALUATOR_IDLE_MS = 300_000;

const config = readConfig(WorkerConfig);
const pool = openPool(config.DATABASE_URL);
await assertDurable(pool);
const connection = queueConnection(config.DATABASE_URL);

const threads = openThreads<object, unknown>(new URL('./arithmetic.worker.js', import.meta.url), {
  threads: config.FOLD_THREADS === 0 ? availableParallelism() : config.FOLD_THREADS,
});
// One thread of its own, so that measuring a model never holds up the next round's sums.
const evaluator = openThreads<EvaluationTask, Awaited<ReturnType<typeof measure>>>(
  new URL('./evaluation.worker.js', import.meta.url),
  {
    threads: 1,
    idleMs: EVALUATOR_IDLE_MS,
  },
);
const inThread = async <T extends object>(task: object, name: string): Promise<T> => {
  const result = (await threads.run(task, { name })) as T | Rotten;
  if ('rotten' in result) throw new RottenError(result.rotten);
  return result;
};
const arithmetic: Arithmetic = {
  fold: (task) => inThread(task, 'fold'),
  combine: (task) => inThread(task, 'combine'),
};

const module = WorkerModule.with({ pool, config, connection, arithmetic, measure: (task) => evaluator.run(task) });
const app = await startApp(module, { host: config.HOST, port: config.PORT });

// Without a listener BullMQ prints an error as it is: pages a second while the database is away, and whatever they quote.
const queueParts = [...Object.values(QUEUE).map((name) => getQueueToken(name)), getFlowProducerToken()];
const processors = [CloseProcessor, FoldProcessor, PublishProcessor, EvaluateProcessor];
for (const part of [...queueParts.map((token) => app.get(token)), ...processors.map((type) => app.get(type).worker)])
  part.on('error', logFailure('queue'));

const reconciler = app.get(Reconciler);
const turnFailed = logFailure('reconciler');
let turn: Promise<void> | undefined;
// A failed turn is tried again at the next: the database may be away for a while.
const reconcile = (): void => {
  turn ??= reconciler
    .run()
    .catch(turnFailed)
    .finally(() => (turn = undefined));
};
const collect = (): void => void reconciler.collectGarbage(Date.now()).catch(turnFailed);
collect();
const timers = [setInterval(reconcile, RECONCILE_MS), setInterval(collect, COLLECT_MS)];

stopOnSignals(
  async () => {
    timers.forEach(clearInterval);
    await turn;
    await app.close();
    await threads.destroy();
    await evaluator.destroy();
    await pool.end();
  },
  { graceMs: 10_000 },
);
announceReady({ name: 'worker', port: (app.getHttpServer().address() as { port: number }).port });
