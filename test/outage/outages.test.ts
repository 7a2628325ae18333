import { expect, it } from '@jest/globals';

import { FULL, report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import { outages } from './outages.js';

/** Seconds of each outage. */
const K = FULL ? outages.soakK : 3;

// Kills: a receipt before its commit; an upload that goes on after its disk was full; a pool whose connections wait
// for a server that hangs; a process that ends when its database does.
it('[OUT1] outages delay updates, and lose, double and invent none', async () => {
  const result = await outages.run({ seed: SEED, k: K });
  report(describeTable([{ suite: outages.name, k: K, ...result }]));
  expect(passed(result) ? [] : [SEED, result]).toEqual([]);
}, 900_000);
