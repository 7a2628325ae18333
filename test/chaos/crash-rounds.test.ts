import { describe, expect, it } from '@jest/globals';

import { report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import { inOneGo, runCrashRounds } from './crash-rounds.js';

describe('processes that die in a round', () => {
  // Kills: an answer before its commit; a batch of tokens charged twice; a body that counts twice; a round that waits for a
  // job that nobody has; a model made of other updates than the log says.
  it('[CHA2] lose nothing, count nothing twice, and the round goes on', async () => {
    const result = await runCrashRounds({ seed: SEED, k: 1 }, (random) => inOneGo(1, random));
    report(describeTable([{ suite: 'crash rounds', k: 1, ...result }]));
    expect(passed(result) ? [] : [SEED, result]).toEqual([]);
  }, 600_000);
});
