import { describe, expect, it } from '@jest/globals';

import { plantAsynchronousCommit } from '../fixtures/mutants.js';
import { report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import { postgresKills, runPostgresKills } from './postgres-kills.js';

describe('PostgreSQL killed under its writers', () => {
  it('[CHA3] has everything that it acknowledged', async () => {
    const result = await postgresKills.run({ seed: SEED, k: 2 });
    report(describeTable([{ suite: postgresKills.name, k: 2, ...result }]));
    expect(passed(result) ? [] : [SEED, result]).toEqual([]);
  }, 120_000);

  // The mutant that [CHA3] kills: synchronous_commit = off, with which our processes refuse to start ([DUR1]).
  it('[CHA3] with commits that are not waited for, acknowledged updates are lost', async () => {
    const { lost } = await runPostgresKills({ seed: SEED, k: 2 }, ({ admin }) => plantAsynchronousCommit(admin));
    expect(lost).toBeGreaterThan(0);
  }, 120_000);
});
