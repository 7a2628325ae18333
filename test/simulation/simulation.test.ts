import { describe, expect, it } from '@jest/globals';

import { plantClockWithoutMemory, plantSelectThenInsert } from '../fixtures/mutants.js';
import { FULL, report } from '../fixtures/race.js';
import { SEED } from '../soak/seed.js';
import { passed } from '../soak/suite.js';
import { describeTable } from '../soak/table.js';

import type { Operation } from './operations.js';
import { simulate, simulation, withPremises } from './simulation.js';

/** Lists. */
const K = FULL ? simulation.soakK : 40;

describe('random lists of operations', () => {
  // Kills: a retry that is charged again after its answer was lost; a job that counts twice; a round that is closed
  // without waiting; a token that a refusal spends; an epoch by a clock that goes back.
  it('[SIM1] every update is counted once in its round, or was refused', async () => {
    const result = await simulation.run({ seed: SEED, k: K });
    report(describeTable([{ suite: simulation.name, k: K, ...result }]));
    expect(passed(result) ? [] : [SEED, result.wrong.join()]).toEqual([]);
    expect(result.accepted).toBeGreaterThan(0);
  }, 600_000);

  const epochBack: Operation[] = [
    { op: 'move clock', quarters: 4 },
    { op: 'keep' },
    { op: 'move clock', quarters: -4 },
  ];
  const spentTwice: Operation[] = [
    { op: 'submit', phone: 0, kind: 'valid', fate: 'answered' },
    { op: 'restart' },
    { op: 'submit', phone: 0, kind: 'other update', fate: 'answered' },
  ];

  // The lists that the mutants below must fail, on the real thing.
  it.each([
    { name: 'a clock set back after it was read', list: epochBack },
    { name: 'a second update with a spent token', list: spentTwice },
    {
      name: 'an answer lost, a restart, the same update again',
      list: [
        { op: 'submit', phone: 0, kind: 'valid', fate: 'answer lost' },
        { op: 'restart' },
        { op: 'submit', phone: 0, kind: 'again', fate: 'answered' },
        { op: 'past deadline', delivery: 'twice' },
      ],
    },
    {
      name: 'an answer of the issuer lost, and the request again after its slot was taken',
      list: [
        { op: 'issue', phone: 0, ahead: 1, fate: 'answer lost' },
        { op: 'move clock', quarters: 4 },
        { op: 'issue', phone: 1, ahead: 0, fate: 'answered' },
        { op: 'start' },
        { op: 'issue', phone: 0, ahead: 0, fate: 'answered' },
        { op: 'submit', phone: 0, kind: 'valid', fate: 'raced' },
      ],
    },
    {
      // Found by [SIM1]: it was given the permit that was over, until the sweep came by.
      name: 'an upload resumed when its permit is over',
      list: [
        { op: 'move clock', quarters: -1 }, // leaves the round open for longer
        { op: 'submit', phone: 3, kind: 'valid', fate: 'request lost' },
        { op: 'submit', phone: 0, kind: 'valid', fate: 'raced' },
        { op: 'submit', phone: 3, kind: 'again', fate: 'answered' },
      ],
    },
    {
      // Found by [SIM1]: the first upload of the token still lives, so the second update is refused each time.
      name: 'another update whose refusal was lost, sent again',
      list: [
        { op: 'submit', phone: 0, kind: 'valid', fate: 'request lost' },
        { op: 'submit', phone: 0, kind: 'other update', fate: 'answer lost' },
        { op: 'submit', phone: 0, kind: 'again', fate: 'answered' },
      ],
    },
  ] as { name: string; list: Operation[] }[])('[SIM1] $name', async ({ list }) => {
    await expect(withPremises((premises) => simulate(premises, list))).resolves.toBeGreaterThanOrEqual(0);
  });

  // The mutant that [SIM1] kills: epochs by what the clock shows now.
  it('[SIM1] a clock without a memory is found', async () => {
    const run = withPremises(async (premises) => {
      await plantClockWithoutMemory(premises.database.admin);
      return simulate(premises, epochBack);
    });
    await expect(run).rejects.toThrow('epoch 0 after 1');
  });

  // The mutant that [SIM1] kills: spent tokens that are forgotten.
  it('[SIM1] a token that may be spent twice is found', async () => {
    const run = withPremises(async (premises) => {
      const { admin } = premises.database;
      await plantSelectThenInsert(admin);
      await admin.query('create rule forget as on insert to intake.spent_token do instead nothing');
      return simulate(premises, spentTwice);
    });
    await expect(run).rejects.toThrow('the answer is receipt, not one of token_spent');
  });
});
