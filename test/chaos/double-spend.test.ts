import { describe, expect, it } from '@jest/globals';

import { plantSelectThenInsert } from '../fixtures/mutants.js';
import { FULL, report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import { doubleSpend, QUIET, racesOf, runDoubleSpend, type SpendRace } from './double-spend.js';

const SMALL = { tokens: 20, tries: 24, uses: 1 };
const RACES: readonly SpendRace[] = FULL
  ? racesOf(doubleSpend.soakK, { tokens: 50, tries: 200 })
  : [{ ...SMALL, ...QUIET }, ...racesOf(1, SMALL)];

describe('double spending', () => {
  // Kills: a winner who is told something else the next time; a receipt before the commit; a token whose spending is
  // remembered by a process, and forgotten with it; two uses of a token in one round, or one use more than it is good for.
  it('[ACC3] one receipt for each use of each token, whoever asks at once, and whatever is killed meanwhile', async () => {
    const result = await runDoubleSpend({ seed: SEED, k: 1 }, RACES);
    report(describeTable([{ suite: doubleSpend.name, k: RACES.length, ...result }]));
    expect(passed(result) ? [] : [SEED, result]).toEqual([]);
  }, 3_600_000);

  // The mutant that [ACC3] kills: accept = SELECT, then INSERT. It must let more through.
  it('[ACC3] the same race against look-first-write-later accepts more than one update a token', async () => {
    const races = [{ ...SMALL, ...QUIET }];
    const { doubled } = await runDoubleSpend({ seed: SEED, k: 1 }, races, ({ admin }) => plantSelectThenInsert(admin));
    expect(doubled).toBeGreaterThan(0);
  }, 300_000);
});
