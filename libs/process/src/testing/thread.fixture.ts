import { threadId } from 'node:worker_threads';

/** Where a task ran, and under which flags. */
export default function where(): { thread: number; flags: readonly string[] } {
  return { thread: threadId, flags: process.execArgv };
}
