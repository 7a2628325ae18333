import { describe, expect, it } from '@jest/globals';

import { plantNoShareLock } from '../fixtures/mutants.js';
import { FULL, report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import { closeRace, runCloseRace } from './close-race.js';

const K = FULL ? 150 : 10;

describe('closing a round under its writers', () => {
  it('[ACC1] loses nothing that was acknowledged', async () => {
    const result = await closeRace.run({ seed: SEED, k: K });
    report(describeTable([{ suite: closeRace.name, k: K, ...result }]));
    expect(passed(result) ? [] : [SEED, result]).toEqual([]);
  }, 300_000);

  // The mutant that [ACC1] kills: accept without FOR SHARE (measured once: a third of the acknowledged were lost).
  it('[ACC1] without the share lock acknowledged updates are lost', async () => {
    const { lost } = await runCloseRace({ seed: SEED, k: 10 }, ({ admin }) => plantNoShareLock(admin));
    expect(lost).toBeGreaterThan(0);
  });
});
