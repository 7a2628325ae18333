import { Piscina } from 'piscina';

import { flagsForThreads } from './roomy-heap.js';

export interface ThreadPoolOptions {
  /** all the time; a thread that comes and goes compiles its modules anew, for ten times what it then computes */
  readonly threads: number;
  /** start at the first task and end after this long without one, ms; default: there from the beginning, for ever */
  readonly idleMs?: number;
  /** tasks a thread takes at a time, for tasks that mostly wait; default 1 */
  readonly tasksPerThread?: number;
  /** what every thread finds as piscina's `workerData` */
  readonly data?: unknown;
}

/**
 * Worker threads that run a module's default export, or a named one, on a task.
 *
 * @param module  the compiled worker file, `new URL('./x.worker.js', import.meta.url)`
 */
export function openThreads<Task, Result>(
  module: URL,
  { threads, idleMs, tasksPerThread = 1, data }: ThreadPoolOptions,
): Piscina<Task, Result> {
  return new Piscina<Task, Result>({
    filename: module.href,
    minThreads: idleMs === undefined ? threads : 0,
    maxThreads: threads,
    concurrentTasksPerWorker: tasksPerThread,
    workerData: data,
    ...(idleMs === undefined ? {} : { idleTimeout: idleMs }),
    // Piscina tries `require` before `import`. On Node 20 requiring an ES module in a thread now and then
    // aborts the whole process (ModuleWrap::InstantiateSync); refused, it imports.
    execArgv: [...flagsForThreads(process.execArgv), '--no-experimental-require-module'],
  });
}
