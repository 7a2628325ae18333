import { expect, it } from '@jest/globals';

import { FULL, report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import { tokenStorm } from './token-storm.js';

const K = FULL ? 10 : 0.5;

// Kills: no admission (all wait until their client gives up); a refusal without a time to come back; trying for ever.
it('[LOD3] submissions go on beside a token storm and a flood of made-up tokens, and nobody tries for ever', async () => {
  const result = await tokenStorm.run({ seed: SEED, k: K });
  report(describeTable([{ suite: tokenStorm.name, k: K, ...result }]));
  expect(passed(result) ? [] : [result]).toEqual([]);
}, 600_000);
