import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, expect, it } from '@jest/globals';

import { openThreads } from './index.js';

const threads = openThreads<null, { thread: number; flags: string[] }>(
  new URL('./testing/thread.fixture.js', import.meta.url),
  { threads: 1 },
);
afterAll(() => threads.destroy());

// Kills: a thread that ends when idle (the next one compiles everything anew); a module that is required, not imported.
it('[PRC18] a thread stays from task to task and imports its module', async () => {
  const first = await threads.run(null);
  await sleep(100);
  expect((await threads.run(null)).thread).toBe(first.thread);
  expect(first.flags).toContain('--no-experimental-require-module');
});
