import 'reflect-metadata';

import { availableParallelism } from 'node:os';

import { Piscina } from 'piscina';

import { logFailure, startApp } from '#edge';
import { announceReady, readConfig, stopOnSignals } from '#process';
import { queueConnection } from '#queue';
import { assertDurable, openPool } from '#storage/database';

import type { Arithmetic } from './arithmetic.js';
import { WorkerConfig } from './config.js';
import { Reconciler } from './reconciler.js';
import { WorkerModule } from './worker.module.js';

const RECONCILE_MS = 250;
const COLLECT_MS = 600_000;
/** TensorFlow takes a second to load: keep it from one round to the next. */
const EVALUATOR_IDLE_MS = 300_000;

const config = readConfig(WorkerConfig);
const pool = openPool(config.DATABASE_URL);
await assertDurable(pool);
const connection = queueConnection(config.DATABASE_URL);

const foldThreads = config.FOLD_THREADS === 0 ? availableParallelism() : config.FOLD_THREADS;
const threads = new Piscina({
  filename: new URL('./arithmetic.worker.js', import.meta.url).href,
  minThreads: foldThreads,
  maxThreads: foldThreads,
});
// One thread of its own, so that measuring a model never holds up the next round's sums.
const evaluator = new Piscina({
  filename: new URL('./evaluation.worker.js', import.meta.url).href,
  minThreads: 0,
  maxThreads: 1,
  idleTimeout: EVALUATOR_IDLE_MS,
});
const arithmetic: Arithmetic = {
  fold: (task) => threads.run(task, { name: 'fold' }),
  combine: (task) => threads.run(task, { name: 'combine' }),
};

const module = WorkerModule.with({ pool, config, connection, arithmetic, measure: (task) => evaluator.run(task) });
const app = await startApp(module, { host: config.HOST, port: config.PORT });

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
const timers = [
  setInterval(reconcile, RECONCILE_MS),
  setInterval(() => void reconciler.collectGarbage(Date.now()).catch(turnFailed), COLLECT_MS),
];

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
