import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { inTransaction } from '#storage/database';
import { Issuances } from '#storage/identity';
import { Submissions } from '#storage/intake';
import { Rotations, UseCaseChanges } from '#storage/keys';
import { RoundSchedule } from '#storage/rounds';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { untilLockWaits } from '../fixtures/lock-waits.js';
import { plantClockWithoutMemory, plantLateAnnouncement } from '../fixtures/mutants.js';

const EPOCH_SECONDS = 3600;

let database: TestDatabase;
let useCase: string;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** A live use case whose first epoch began a moment ago. */
beforeEach(async () => {
  useCase = `test-${randomBytes(4).toString('hex')}`;
  await addUseCase(useCase);
});

async function addUseCase(id: string): Promise<void> {
  const { admin } = database;
  const draft = { suite: 'poprf-ristretto255-sha512', kMin: 1 };
  await admin.query("insert into keys.use_case (id, title, draft, state) values ($1, 'A test', $2, 'live')", [
    id,
    draft,
  ]);
  await admin.query(
    `insert into keys.primary_key (use_case, suite, wrapped, public_key, first_epoch)
     values ($1, 'poprf-ristretto255-sha512', '', $2, 0)`,
    [id, randomBytes(32)],
  );
  await admin.query(
    `insert into keys.manifest (use_case, version, digest, bytes, signature, epoch_origin, epoch_seconds, slots)
     values ($1, 1, $2, '', '', now() - interval '1 s', $3, 4)`,
    [id, randomBytes(32), EPOCH_SECONDS],
  );
}

/** The database's clock leaps by so many epochs: that its epochs begin earlier is the same to it. */
async function leap(epochs: number): Promise<void> {
  await database.admin.query(
    "update keys.manifest set epoch_origin = epoch_origin - $2::int * $3::int * interval '1 s' where use_case = $1",
    [useCase, epochs, EPOCH_SECONDS],
  );
}

const rotations = (): Rotations => new Rotations(database.pool('coordinator'));
const current = (): Promise<number | null> => rotations().currentEpoch(useCase);

/** A key that the issuer made for the rotation asked for. */
async function makeKey(): Promise<void> {
  await database.admin.query(
    "insert into keys.primary_key (use_case, suite, wrapped, public_key, first_epoch) values ($1, 'any', '', $2, null)",
    [useCase, randomBytes(32)],
  );
}

const announce = (firstEpoch: number, version = 2): Promise<boolean> =>
  rotations().announce(firstEpoch, {
    useCase,
    version,
    digest: randomBytes(32),
    bytes: new Uint8Array(),
    signature: new Uint8Array(),
  });

/** What the issuer's charge asks, in a transaction of its own: whether a token of the epoch may be issued under the key. */
async function mayIssue(epoch: number, keyEpoch: number): Promise<boolean> {
  const { rowCount } = await database
    .pool('issuer')
    .query('select from keys.open_for_issuance($1, $2, $3)', [useCase, epoch, keyEpoch]);
  return rowCount === 1;
}

describe('epochs', () => {
  // The truth table: how far the clock leaps, and what is then live.
  it.each([
    { leaps: [0], epoch: 0 },
    { leaps: [1], epoch: 1 },
    { leaps: [3], epoch: 3 },
    { leaps: [1, -1], epoch: 1 },
    { leaps: [2, -2], epoch: 2 },
    { leaps: [2, -1, 1], epoch: 2 },
    { leaps: [2, -1, 2], epoch: 3 },
    { leaps: [-1], epoch: 0 },
  ])(
    '[KEY6] a clock that leaps by $leaps epochs shows epoch $epoch: only that redeems, it and the next are issued',
    async ({ leaps, epoch }) => {
      const submissions = new Submissions(database.pool('intake'));
      expect(await current()).toBe(0);
      for (const epochs of leaps) {
        await leap(epochs);
        await current();
      }
      const around = [epoch - 2, epoch - 1, epoch, epoch + 1, epoch + 2].filter((at) => at >= 0);
      const live: number[] = [];
      for (const at of around) if (await submissions.isLive({ useCase, epoch: at })) live.push(at);
      const issued: number[] = [];
      for (const at of around) if (await mayIssue(at, 0)) issued.push(at);
      expect({ live, issued }).toEqual({ live: [epoch], issued: [epoch, epoch + 1] });
    },
  );

  // The mutant that [KEY6] kills: the epoch is what the clock shows, and nothing is remembered.
  it('[KEY6] a database that only looks at its clock takes tokens of an epoch that was over', async () => {
    const mutant = await createDatabase();
    const before = database;
    database = mutant;
    try {
      await plantClockWithoutMemory(mutant.admin);
      await addUseCase(useCase);
      await leap(1);
      await current();
      await leap(-1);
      const submissions = new Submissions(mutant.pool('intake'));
      expect(await submissions.isLive({ useCase, epoch: 0 })).toBe(true);
    } finally {
      database = before;
      await mutant.drop();
    }
  });

  it('[KEY6] sessions that see an epoch begin at the same moment agree', async () => {
    await leap(5);
    const pool = database.pool('intake', 8);
    const seen = await Promise.all(Array.from({ length: 64 }, () => new Submissions(pool).firstLiveEpoch(useCase)));
    expect(new Set(seen)).toEqual(new Set([5]));
  });
});

describe('a new key', () => {
  it('[KEY3] is for the epoch after the next at the earliest, and the manifest’s next version', async () => {
    await rotations().request(useCase);
    await makeKey();
    expect(await announce(1)).toBe(false);
    expect(await announce(2, 3)).toBe(false);
    expect(await announce(2, 1)).toBe(false);
    expect(await announce(2)).toBe(true);
    expect(await announce(2)).toBe(false);
    expect((await rotations().list(useCase)).map(({ firstEpoch, lastEpoch }) => [firstEpoch, lastEpoch])).toEqual([
      [0, 1],
      [2, null],
    ]);
  });

  // Kills: trusting a clock that was set back instead of what was issued.
  it('[KEY3] is not for an epoch that tokens were issued for, whatever the clock says', async () => {
    await leap(1);
    expect(await mayIssue(2, 0)).toBe(true);
    await rotations().request(useCase);
    await makeKey();
    await database.admin.query('update keys.clock set reached = 0 where use_case = $1', [useCase]);
    await leap(-1);
    expect(await current()).toBe(0);
    expect(await announce(2)).toBe(false);
    expect((await rotations().made())[0]!.firstEpoch).toBe(3);
    expect(await announce(3)).toBe(true);
  });

  it('[KEY3] an epoch is issued under its own key only', async () => {
    await rotations().request(useCase);
    await makeKey();
    await announce(2);
    await leap(1);
    expect([await mayIssue(1, 0), await mayIssue(1, 2), await mayIssue(2, 0), await mayIssue(2, 2)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  /** An issuer in the middle of the first charge of epoch 2, and an announcement of another key for it. */
  async function raceOfFirstToken(): Promise<{ issued: boolean; announced: boolean }> {
    await leap(1);
    await rotations().request(useCase);
    await makeKey();
    const issuer = await database.pool('issuer').connect();
    await issuer.query('begin');
    const { rowCount } = await issuer.query('select from keys.open_for_issuance($1, 2, 0)', [useCase]);
    // The coordinator believes that it is still epoch 0.
    await database.admin.query('update keys.clock set reached = 0 where use_case = $1', [useCase]);
    await leap(-1);
    const announced = announce(2);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await issuer.query('commit');
    issuer.release();
    return { issued: rowCount === 1, announced: await announced };
  }

  it('[KEY3] an announcement waits for the first token of an epoch that is being issued, and then is too late', async () => {
    expect(await raceOfFirstToken()).toEqual({ issued: true, announced: false });
  });

  // The mutant that [KEY3] kills: an announcement that does not wait. Then an epoch has two keys.
  it('[KEY3] an announcement without the lock gives an epoch two keys', async () => {
    const mutant = await createDatabase();
    const before = database;
    database = mutant;
    try {
      await plantLateAnnouncement(mutant.admin);
      await addUseCase(useCase);
      expect(await raceOfFirstToken()).toEqual({ issued: true, announced: true });
    } finally {
      database = before;
      await mutant.drop();
    }
  });

  it('[KEY3] keys of a suite that has no public key are as many as others, each with a name', async () => {
    const { admin } = database;
    await admin.query("update keys.primary_key set public_key = '' where use_case = $1", [useCase]);
    await rotations().request(useCase);
    await admin.query(
      "insert into keys.primary_key (use_case, suite, wrapped, public_key) values ($1, 'any', '', '')",
      [useCase],
    );
    expect(await announce(2)).toBe(true);
    const names = (await rotations().list(useCase)).map(({ name }) => name);
    expect(new Set(names).size).toBe(2);
  });

  it('[KEY4] one is on its way at a time, and again once it is within two epochs', async () => {
    expect(await rotations().request(useCase)).toBe(true);
    expect(await rotations().request(useCase)).toBe(false);
    await makeKey();
    await announce(2);
    expect(await rotations().request(useCase)).toBe(false);
    await leap(1);
    expect(await rotations().request(useCase)).toBe(true);
  });

  // Found by [FUZ1]: both were for one epoch, and until that was over no key of any use case was announced.
  it('[KEY4] a request that waited for an announcement is for a later epoch', async () => {
    await rotations().request(useCase);
    await makeKey();
    const announcing = await database.pool('coordinator').connect();
    await announcing.query('begin');
    await announcing.query("select keys.announce($1, 2, 2, $2, '', '')", [useCase, randomBytes(32)]);
    const asked = rotations().request(useCase);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await announcing.query('commit');
    announcing.release();
    expect(await asked).toBe(true);
    await makeKey();
    const made = (await rotations().made()).find((one) => one.useCase === useCase);
    expect(made?.firstEpoch).toBe(3);
  });

  it.each([
    { keyEpochs: 1, evaluations: 0, epoch: 0, asked: true },
    { keyEpochs: 3, evaluations: 0, epoch: 0, asked: false },
    { keyEpochs: 3, evaluations: 0, epoch: 1, asked: true },
    { keyEpochs: null, evaluations: 0, epoch: 50, asked: false },
    { keyEpochs: null, evaluations: 999, epoch: 0, asked: false },
    { keyEpochs: null, evaluations: 1000, epoch: 0, asked: true },
  ])(
    '[KEY4] is asked for by itself: $keyEpochs epochs a key, $evaluations evaluations, epoch $epoch: $asked',
    async ({ keyEpochs, evaluations, epoch, asked }) => {
      const { admin } = database;
      await admin.query(
        `update keys.use_case set draft = draft || jsonb_build_object('keyEpochs', $2::int) where id = $1`,
        [useCase, keyEpochs],
      );
      await admin.query('update keys.primary_key set evaluations = $2 where use_case = $1', [useCase, evaluations]);
      await leap(epoch);
      await rotations().requestDue(1000);
      const { rowCount } = await admin.query('select from keys.rotation where use_case = $1', [useCase]);
      expect(rowCount).toBe(asked ? 1 : 0);
    },
  );
});

// Found by a run in which a change of a use case was answered with `internal`.
describe('an epoch that begins while something else is done to its use case', () => {
  /** Both want the use case's row, the first one before the second, and neither has it yet. */
  async function meet<A, B>(first: () => Promise<A>, second: () => Promise<B>): Promise<[A, B]> {
    const holder = await database.admin.connect();
    try {
      await holder.query('begin');
      await holder.query('select from keys.use_case where id = $1 for update', [useCase]);
      const one = first();
      await untilLockWaits(database, 1);
      const both = Promise.all([one, second()]);
      await untilLockWaits(database, 2);
      await holder.query('commit');
      return await both;
    } finally {
      holder.release(true);
    }
  }

  // Kills: a change that locks out those who refer to the use case (`for update`). Then each waits for the other.
  it('[KEY13] is noted, and a live use case is changed', async () => {
    const changes = new UseCaseChanges(database.pool('coordinator'));
    const change = () => inTransaction(database.pool('coordinator'), (client) => changes.lock(useCase, client));
    const [latest, epoch] = await meet(change, current);
    expect([latest?.nextEpoch, epoch]).toEqual([1, 0]);
  });

  // Kills: an announcement that has the use case before it notes the epoch.
  it('[KEY13] is noted, its first token is issued, and a new key is announced', async () => {
    await current();
    await rotations().request(useCase);
    await makeKey();
    await leap(1);
    expect(
      await meet(
        () => announce(3),
        () => mayIssue(2, 0),
      ),
    ).toEqual([true, true]);
  });
});

describe('retiring by hand', () => {
  it('[KEY7] the current epoch and the next are retired at once, and asking again changes nothing', async () => {
    await leap(4);
    expect(await rotations().retireEpochs(useCase)).toBe(6);
    expect(await rotations().retireEpochs(useCase)).toBe(6);
    const submissions = new Submissions(database.pool('intake'));
    expect(await submissions.isLive({ useCase, epoch: 4 })).toBe(false);
    expect([await mayIssue(4, 0), await mayIssue(5, 0)]).toEqual([false, false]);
    expect(await new Issuances(database.pool('issuer')).window(useCase)).toEqual({
      epoch: 4,
      nextSlot: 4,
      firstLive: 6,
    });
    await leap(1);
    expect([await mayIssue(5, 0), await mayIssue(6, 0)]).toEqual([false, true]);
    expect(await submissions.isLive({ useCase, epoch: 5 })).toBe(false);
    await leap(1);
    expect(await submissions.isLive({ useCase, epoch: 6 })).toBe(true);
  });

  it('[KEY7] a round with a slot loses it and says what it waits for', async () => {
    const schedule = new RoundSchedule(database.pool('coordinator'));
    const plan = { useCase, count: 1, min: 1, target: 1, deadlineMs: 1000, jitterMs: 0, waitMs: 1000, finishMs: 1000 };
    const [id] = await schedule.add(plan);
    await database.admin.query(
      'update rounds.round set epoch = 0, slot = 0, issued = 1, sealed_at = now() where id = $1',
      [id],
    );
    await rotations().retireEpochs(useCase);
    await schedule.seal();
    const { rows } = await database.admin.query('select state, epoch, slot, detail from rounds.round where id = $1', [
      id,
    ]);
    expect(rows).toEqual([
      {
        state: 'scheduled',
        epoch: null,
        slot: null,
        detail: 'It waits for epoch 2: the epochs before it were retired.',
      },
    ]);
  });
});
