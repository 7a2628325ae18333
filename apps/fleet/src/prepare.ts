import { announceReady, stopOnSignals } from '#process';

import { prepareTask, TaskPlan } from './task/prepare-task.js';

/* Prepares a task's files and is ready when they are written; then it waits to be stopped. */

const stop = stopOnSignals(async () => {}, { graceMs: 3000 });
try {
  await prepareTask(TaskPlan.parse(JSON.parse(process.env['STARLING_TASK'] ?? 'null')));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
announceReady({ name: 'prepare', port: 0 });
if (process.send === undefined) stop();
