import { setTimeout as sleep } from 'node:timers/promises';

import { Submissions } from '#storage/intake';

import { Random } from '../../apps/fleet/src/data/random.js';
import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { OwnPostgres } from '../fixtures/own-postgres.js';
import { acceptanceOf, goLive, insertOpenRound } from '../fixtures/race-round.js';
import type { Suite, SuitePlan, SuiteResult } from '../soak/suite.js';

const WRITERS = 8;
/** Of each writer, before it may happen. */
const ACKNOWLEDGED = 4;

/** PostgreSQL is killed at a random time under its writers, k times: what it acknowledged is there afterwards. */
export const postgresKills: Suite = { name: 'postgres kills', soakK: 20, run: (plan) => runPostgresKills(plan) };

/** @param plant  makes the database a wrong one, for the mutant that this must kill */
export async function runPostgresKills(
  { seed, k }: SuitePlan,
  plant: (database: TestDatabase) => Promise<void> = async () => {},
): Promise<SuiteResult> {
  const random = new Random(seed, 'postgres kills');
  const postgres = await OwnPostgres.start();
  const total = { expected: 0, accepted: 0, lost: 0, alien: 0 };
  try {
    const database = await createDatabase(postgres.server);
    await goLive(database);
    await plant(database);
    const submissions = new Submissions(database.pool('intake', WRITERS));
    for (let slot = 0; slot < k; slot++) {
      const { acknowledged, sent, stored } = await killOnce(
        { postgres, database, submissions },
        slot,
        random.uniform(),
      );
      total.expected += acknowledged.size;
      total.accepted += [...acknowledged].filter((hash) => stored.has(hash)).length;
      total.lost += [...acknowledged].filter((hash) => !stored.has(hash)).length;
      total.alien += [...stored].filter((hash) => !sent.has(hash)).length;
    }
    await database.drop();
  } finally {
    await postgres.remove();
  }
  const wrong = total.expected >= k * ACKNOWLEDGED * WRITERS ? [] : [`${total.expected} acknowledged: no load`];
  return { n: `${WRITERS} writers`, ...total, doubled: 0, wrong, note: `${k} kills` };
}

interface Victims {
  readonly postgres: OwnPostgres;
  readonly database: TestDatabase;
  readonly submissions: Submissions;
}

async function killOnce({ postgres, database, submissions }: Victims, slot: number, moment: number) {
  const roundId = await insertOpenRound(database, slot);
  const [sent, acknowledged] = [new Set<string>(), new Set<string>()];
  let isOver = false;
  const write = async (): Promise<void> => {
    while (!isOver) {
      const acceptance = acceptanceOf(roundId);
      sent.add(hex(acceptance.headerDigest));
      const accepted = await submissions.accept(acceptance).catch(() => false);
      if (accepted) acknowledged.add(hex(acceptance.headerDigest));
      else await sleep(1);
    }
  };
  const writers = Array.from({ length: WRITERS }, write);
  while (acknowledged.size < ACKNOWLEDGED * WRITERS) await sleep(1);
  await sleep(300 * moment);
  await postgres.kill();
  isOver = true;
  await Promise.all(writers);
  await postgres.start();
  const { rows } = await database.admin.query<{ hash: Uint8Array }>(
    'select header_digest as hash from intake.submission where round_id = $1',
    [roundId],
  );
  return { sent, acknowledged, stored: new Set(rows.map(({ hash }) => hex(hash))) };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
