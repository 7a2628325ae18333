import { expect, it } from '@jest/globals';

import type { RunResult } from './metrics.js';
import { overSeeds, withRatios } from './side-by-side.js';

const run = (labels: object, more: object) =>
  ({ labels, goalRatio: null, goalSeconds: null, ...more, settings: { seed: 1, ...more } }) as unknown as RunResult;

// Kills: one fastest run for all tasks, or for all seeds; a ratio for a run that reached nothing.
it('[SCN32] a run that reached its goal says how many times as long it took as the fastest beside it', () => {
  const timed = (task: string, rounds: string, goalSeconds: number | null, seed = 1) =>
    run({ task, rounds }, { goalSeconds, seed });
  const runs = [
    ...[timed('a', 'buffers', 10), timed('a', 'waiting', 25), timed('a', 'never', null)],
    ...[timed('b', 'waiting', 4), timed('b', 'waiting', 2, 2)],
  ];
  expect(withRatios(runs, ['task', 'rounds']).map(({ goalRatio }) => goalRatio)).toEqual([1, 2.5, null, 1, 1]);
});

// Kills: runs of other labels in a mean; a goal that one seed missed, as if the others' mean were all there is.
it('[SCN34] runs that differ in the seed alone are one, with the mean of each figure and every accuracy', () => {
  const figures = (accuracy: number, goalReached: number | null, refused: object) => ({
    ...{ accuracy, goalReached, ended: null },
    rounds: [{ round: 1, accuracy, refused, abandoned: null }, ...(goalReached === null ? [{ round: 2 }] : [])],
  });
  const means = overSeeds([
    run({ rule: 'mean' }, figures(0.5, 3, { out_of_range: 3 })),
    run({ rule: 'median' }, figures(0.9, 1, {})),
    run({ rule: 'mean' }, figures(0.7, null, {})),
  ]);
  expect(means).toMatchObject([
    {
      ...{ labels: { rule: 'mean' }, accuracy: expect.closeTo(0.6), accuracies: [0.5, 0.7], goalReached: null },
      rounds: [{ round: 1, accuracy: expect.closeTo(0.6), refused: { out_of_range: 1.5 }, abandoned: null }],
    },
    { labels: { rule: 'median' }, accuracy: 0.9, accuracies: [0.9], goalReached: 1 },
  ]);
});
