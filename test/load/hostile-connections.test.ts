import { expect, it } from '@jest/globals';

import { FULL, report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import { hostileConnections } from './hostile-connections.js';

const K = FULL ? 10 : 1;

// Kills: connectTimeout of socket.io's default 45 s; bodies that may take as long as their permit; ten attachments a packet.
it('[LOD2] honest devices all get through beside crowds who are silent, drip or hoard, and those are gone within ten seconds', async () => {
  const result = await hostileConnections.run({ seed: SEED, k: K });
  report(describeTable([{ suite: hostileConnections.name, k: K, ...result }]));
  expect(passed(result) ? [] : [result]).toEqual([]);
}, 300_000);
