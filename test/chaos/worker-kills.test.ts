import { describe, expect, it } from '@jest/globals';

import { report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import { workerKills } from './worker-kills.js';

describe('a worker that is killed again and again', () => {
  // Kills: BullMQ's default stall settings; work that is known to the queue alone; a shard that counts as often as it is summed.
  it('[CHA4] and whose queue forgets its jobs, still publishes the very model', async () => {
    const result = await workerKills.run({ seed: SEED, k: 3 });
    report(describeTable([{ suite: workerKills.name, k: 3, ...result }]));
    expect(passed(result) ? [] : [SEED, result]).toEqual([]);
  }, 300_000);
});
