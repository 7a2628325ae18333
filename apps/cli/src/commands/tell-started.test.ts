import { expect, it } from '@jest/globals';

import { tellStarted } from './tell-started.js';

// Kills: an error for rounds that are started, which are then started again.
it('[CMD43] what was started is said to be, where the coordinator does not say what it is called', async () => {
  const findRound = (): Promise<never> => Promise.reject(new Error('gone'));
  expect(await tellStarted({ findRound }, ['id-1', 'id-2'], ['Noise drowns it.'])).toBe(
    'Noise drowns it.\nStarted: id-1, id-2\nThe coordinator said no more. See them: npx starling round list',
  );
});
