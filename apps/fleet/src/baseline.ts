import { setPriority } from 'node:os';

import { z } from 'zod';

import { announceReady, stopOnSignals } from '#process';
import { chooseBackend } from '#tensorflow';

import { Centralised } from './simulation/centralised.js';
import { Examiner } from './simulation/examiner.js';
import { TASKS } from './simulation/tasks.js';
import { DEMO_SETTINGS, TrainingPool } from './training/index.js';

/*
 * Trains on all examples in one place what the demo's devices train apart, as many passes, and says in one line of JSON how
 * good that is. With what the others leave of the processors: threads have the priority of who starts them.
 */

/** What the variable STARLING_BASELINE says, as one JSON object. */
const BaselinePlan = z.strictObject({
  model: z.enum(['mlp', 'cnn']),
  seed: z.int().min(0),
  rounds: z.int().min(1),
  devices: z.int().min(1),
  /** devices whose updates count in each round */
  cohort: z.int().min(1),
  cacheDirectory: z.string().min(1),
});

setPriority(19);
const pool = new TrainingPool(1);
const stop = stopOnSignals(() => pool.close(), { graceMs: 3000 });
if (process.send !== undefined) announceReady({ name: 'baseline', port: 0 });
try {
  const { model, cacheDirectory, ...plan } = BaselinePlan.parse(JSON.parse(process.env['STARLING_BASELINE'] ?? 'null'));
  await chooseBackend();
  const name = `digits-${model}` as const;
  const { train, test } = await TASKS[name].load(cacheDirectory, plan.seed);
  const { training } = DEMO_SETTINGS[model];
  const trained = await new Centralised(pool).train({ ...plan, task: name, training }, train);
  const examiner = await Examiner.open(TASKS[name], test, undefined);
  process.stdout.write(`${JSON.stringify({ type: 'baseline', accuracy: examiner.examine(trained).accuracy })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
if (process.send === undefined) stop();
