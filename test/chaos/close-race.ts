import { setTimeout as sleep } from 'node:timers/promises';

import { Submissions } from '#storage/intake';
import { RoundClosing } from '#storage/intake-closed';
import { merkleRoot } from '#transparency';

import { Random } from '../../apps/fleet/src/data/random.js';
import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { sha256 } from '../fixtures/device.js';
import { acceptanceOf, goLive, insertOpenRound } from '../fixtures/race-round.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

const WRITERS = 24;

/** Writers submit until they are refused; each of k rounds is closed under them, at a random moment. */
export const closeRace: Suite = { name: 'close race', soakK: 150, run: (plan) => runCloseRace(plan) };

/** @param plant  makes the database a wrong one, for the mutant that this must kill */
export async function runCloseRace(
  { seed, k }: SuitePlan,
  plant: (database: TestDatabase) => Promise<void> = async () => {},
): Promise<SuiteResult> {
  const database = await createDatabase();
  try {
    await goLive(database);
    await plant(database);
    const random = new Random(seed, 'close race');
    const submissions = new Submissions(database.pool('intake', WRITERS));
    const closing = new RoundClosing(database.pool('worker', 1), (leaves) => merkleRoot(sha256, leaves));
    const total = { acknowledged: 0, frozen: 0, lost: 0, alien: 0 };
    for (let slot = 0; slot < k; slot++) {
      const race = await raceOnce({ database, submissions, closing }, slot, random.uniform());
      total.acknowledged += race.acknowledged.size;
      total.frozen += race.frozen.size;
      total.lost += [...race.acknowledged].filter((hash) => !race.frozen.has(hash)).length;
      total.alien += [...race.frozen].filter((hash) => !race.acknowledged.has(hash)).length;
    }
    const { acknowledged: expected, frozen: accepted, lost, alien } = total;
    const wrong = expected >= k * WRITERS ? [] : [`${expected} acknowledged: no race`];
    return { n: `${WRITERS} writers`, expected, accepted, lost, doubled: 0, alien, wrong };
  } finally {
    await database.drop();
  }
}

interface Race {
  readonly database: TestDatabase;
  readonly submissions: Submissions;
  readonly closing: RoundClosing;
}

async function raceOnce({ database, submissions, closing }: Race, slot: number, moment: number) {
  const roundId = await insertOpenRound(database, slot);
  const acknowledged = new Set<string>();
  const write = async (): Promise<boolean> => {
    const acceptance = acceptanceOf(roundId);
    const accepted = await submissions.accept(acceptance);
    if (accepted) acknowledged.add(hex(acceptance.headerDigest));
    return accepted;
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  const writers = Array.from({ length: WRITERS }, async () => {
    while (await write());
  });
  await sleep(50 * moment);
  const state = await closing.close(roundId, () => 1);
  if (state !== 'frozen') throw new Error(`closing made the round ${state}`);
  await Promise.all(writers);
  const { rows } = await database.admin.query<{ hash: Uint8Array }>(
    'select header_digest as hash from rounds.frozen where round_id = $1',
    [roundId],
  );
  return { acknowledged, frozen: new Set(rows.map(({ hash }) => hex(hash))) };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
