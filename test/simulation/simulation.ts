import { randomBytes } from 'node:crypto';

import fc from 'fast-check';

import { chooseEngine } from '#engine';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

import { audit } from './audit.js';
import { operationLists, type Operation } from './operations.js';
import { Premises } from './premises.js';
import { World } from './world.js';

const OPERATIONS = 60;

/** k random lists of operations, each on a use case of its own; the shortest list that goes wrong is shown. */
export const simulation: Suite = { name: 'simulation', soakK: 300, run: (plan) => runSimulation(plan) };

/** @param plant  makes the database a wrong one, for the mutants that this must kill */
export async function runSimulation(
  { seed, k }: SuitePlan,
  plant: (database: TestDatabase) => Promise<void> = async () => {},
): Promise<SuiteResult> {
  return withPremises(async (premises) => {
    await plant(premises.database);
    const tally = { counted: 0 };
    const property = fc.asyncProperty(operationLists(OPERATIONS), async (list) => {
      tally.counted += await simulate(premises, list);
    });
    const outcome = await fc.check(property, { seed, numRuns: k, endOnFailure: false });
    const wrong = outcome.failed ? [`${String(outcome.errorInstance)}: ${fc.defaultReportMessage(outcome)}`] : [];
    const { counted } = tally;
    const n = `${OPERATIONS} operations`;
    return {
      n,
      expected: counted,
      accepted: counted,
      lost: 0,
      doubled: 0,
      alien: 0,
      wrong,
      note: `${counted} counted`,
    };
  });
}

/** One list from beginning to end. @returns how many updates were counted */
export async function simulate(premises: Premises, list: readonly Operation[]): Promise<number> {
  const world = await World.begin(premises, `simulated-${randomBytes(6).toString('hex')}`);
  try {
    for (const operation of list) await world.run(operation);
  } finally {
    await world.finish();
  }
  return audit(world);
}

export async function withPremises<T>(work: (premises: Premises) => Promise<T>): Promise<T> {
  const database = await createDatabase();
  const { engine } = await chooseEngine('auto');
  const premises = await Premises.open(database, engine);
  try {
    return await work(premises);
  } finally {
    await premises.close();
    await database.drop();
  }
}
