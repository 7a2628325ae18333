import { expect, it } from '@jest/globals';

import { withRatios, type RunResult } from './metrics.js';

const run = (task: string, rounds: string, goalSeconds: number | null) =>
  ({ labels: { task, rounds }, goalSeconds, goalRatio: null }) as unknown as RunResult;

// Kills: one fastest run for all tasks; a ratio for a run that reached nothing.
it('[SCN32] a run that reached its goal says how many times as long it took as the fastest beside it', () => {
  const runs = [run('a', 'buffers', 10), run('a', 'waiting', 25), run('a', 'never', null), run('b', 'waiting', 4)];
  expect(withRatios(runs, ['task', 'rounds']).map(({ goalRatio }) => goalRatio)).toEqual([1, 2.5, null, 1]);
});
