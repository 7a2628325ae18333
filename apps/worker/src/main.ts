import 'reflect-metadata';

import assert from 'node:assert';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { getFlowProducerToken, getQueueToken } from '@nestjs/bullmq';
import { Door, logFailure, Readiness, startApp } from '#edge';
import { chooseKernel, describeKernel } from '#fold';
import {
  announceReady,
  Ending,
  exitBecause,
  openThreads,
  readConfig,
  repeat,
  startLog,
  stopOnSignals,
  writeLog,
} from '#process';
import { QUEUE, queueConnection } from '#queue';
import { assertWritable, awaitDatabase, closePool, KEEP_ALIVE, openPool, TIMEOUTS } from '#storage/database';
import { QueueJobs, RoundNames } from '#storage/rounds';
import { loadStrategies } from '#strategies';
import { openRoundTraces } from '#tracing';

import { RottenError, type Arithmetic, type Rotten } from './arithmetic.js';
import { WorkerConfig } from './config.js';
import type measure from './evaluation.worker.js';
import type { EvaluationTask } from './evaluation.worker.js';
import { JobFailures } from './job-failures.js';
import { JobTraces } from './job-traces.js';
import { Reconciler } from './reconciler.js';
import { CloseProcessor, EvaluateProcessor, FoldProcessor, PublishProcessor } from './round-processors.js';
import { WorkCounts } from './worker-metrics.js';
import { WorkerModule } from './worker.module.js';

const RECONCILE_MS = 250;
const COLLECT_MS = 600_000;
/** For jobs under way when it stops, and for the queue to hear of those that did not end. */
const FINISH_MS = 6000;
const HAND_BACK_MS = 1000;
const QUEUE_CONNECT_MS = 20_000;
/** TensorFlow takes a second to load: keep it from one round to the next. */
const EVALUATOR_IDLE_MS = 300_000;

startLog('worker');
const config = readConfig(WorkerConfig);
const readiness = new Readiness();
const door = await Door.open({ host: config.HOST, port: config.PORT }, readiness);
const ending = new Ending();
stopOnSignals(() => ending.run(), { graceMs: 10_000 });

const pool = openPool(config.DATABASE_URL);
ending.add(
  () => closePool(pool),
  () => door.close(),
);
// Before the queue: one that finds no database at its start does not look again.
await awaitDatabase(pool, async () => {}, {
  onWait: (reason) => readiness.waitFor(reason),
  signal: ending.signal,
}).catch(exitBecause);
const connection = queueConnection(config.DATABASE_URL, {
  ...TIMEOUTS,
  ...KEEP_ALIVE,
  // All of its parts connect at once, on a machine that may be busy with starting everything else.
  connectionTimeoutMillis: QUEUE_CONNECT_MS,
});

const roundTraces = await openRoundTraces('worker', process.env);
ending.add(() => roundTraces.close());

// Each thread chooses for itself, and alike.
writeLog({ level: 'info', event: 'kernel', message: describeKernel(chooseKernel()) });
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
  total: (task) => inThread(task, 'total'),
};

const module = WorkerModule.with({
  pool,
  readiness,
  config,
  connection,
  strategies: await loadStrategies(config.STRATEGY_MODULES).catch(exitBecause),
  arithmetic,
  measure: (task) => evaluator.run(task),
});
const app = await startApp(door, module);

// Without a listener BullMQ prints an error as it is: pages a second while the database is away, and whatever they quote.
const queueParts = [...Object.values(QUEUE).map((name) => getQueueToken(name)), getFlowProducerToken()];
const processors = [CloseProcessor, FoldProcessor, PublishProcessor, EvaluateProcessor];
const parts = [...queueParts.map((token) => app.get(token)), ...processors.map((type) => app.get(type).worker)];
for (const part of parts) part.on('error', logFailure('queue'));
// The database may have gone away again since it was waited for.
await Promise.all(parts.map((part) => part.waitUntilReady())).catch(exitBecause);
const counts = app.get(WorkCounts);
const traces = new JobTraces(new RoundNames(pool), roundTraces, logFailure('traces'));
const failures = new JobFailures(new QueueJobs(pool), logFailure('jobs'));
for (const { worker } of processors.map((type) => app.get(type))) {
  counts.watch(worker);
  traces.watch(worker);
  failures.watch(worker);
}

const reconciler = app.get(Reconciler);
const turnFailed = logFailure('reconciler');
const collect = (): Promise<void> => reconciler.collectGarbage(Date.now());
void collect().catch(turnFailed);
ending.add(
  handJobsBack,
  () => door.drain(0),
  repeat(RECONCILE_MS, () => reconciler.run(), turnFailed),
  repeat(COLLECT_MS, collect, turnFailed),
);
readiness.begin({
  PostgreSQL: () => assertWritable(pool),
  'its threads': async () => assert(threads.threads.length > 0),
});
announceReady({ name: 'worker', port: door.port });

/** Jobs under way end, or fail with their thread: then the queue gives them to whoever comes next. */
async function handJobsBack(): Promise<void> {
  const closed = app.close();
  await Promise.race([closed, sleep(FINISH_MS)]);
  await Promise.all([threads.destroy(), evaluator.destroy()]);
  await Promise.race([closed, sleep(HAND_BACK_MS)]);
}
