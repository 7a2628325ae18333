import { expect, it } from '@jest/globals';

import { FULL, report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import { clockSkews } from './clock-skews.js';

const K = FULL ? clockSkews.soakK : 1;

// Kills: epochs by the clock alone, which may be set back; a process that asks its own clock how old a request is.
it('[OUT2] whoever has the wrong clock, each operation comes to what is written down', async () => {
  const result = await clockSkews.run({ seed: SEED, k: K });
  report(describeTable([{ suite: clockSkews.name, k: K, ...result }]));
  expect(passed(result) ? [] : [SEED, result]).toEqual([]);
}, 900_000);
