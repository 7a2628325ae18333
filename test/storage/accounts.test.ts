import { createHash, randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { AccountRole, AuditNote } from '#protocol';
import { Accounts, AuditLog, Invitations, Sessions } from '#storage/access';
import { inTransaction, type Client, type Pool } from '#storage/database';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { lockWaits } from '../fixtures/lock-waits.js';

const PASSWORD_HASH = '$argon2id$…';

let database: TestDatabase;
let pool: Pool;
let accounts: Accounts;
let sessions: Sessions;
let invitations: Invitations;
beforeAll(async () => {
  database = await createDatabase();
  pool = database.pool('coordinator', 6);
  [accounts, sessions, invitations] = [new Accounts(pool), new Sessions(pool), new Invitations(pool)];
});
afterAll(() => database.drop());

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
const fresh = (): string => randomBytes(16).toString('hex');

async function invite(role: AccountRole, validSeconds = 60): Promise<{ id: string; tokenHash: Uint8Array }> {
  const [id, tokenHash] = [randomBytes(16), sha256(fresh())];
  await invitations.add({ id, tokenHash, role, validSeconds }, pool);
  return { id: id.toString('hex'), tokenHash };
}

const accept = (tokenHash: Uint8Array, name: string, within: Client | Pool = pool) =>
  accounts.accept(tokenHash, { id: randomBytes(16), name, passwordHash: PASSWORD_HASH }, within);

async function account(role: AccountRole): Promise<string> {
  const name = `a${fresh()}`;
  expect(await accept((await invite(role)).tokenHash, name)).toBe('accepted');
  return (await accounts.secretOf(name))!.id;
}

async function session(id: string): Promise<Uint8Array> {
  const tokenHash = sha256(fresh());
  expect(await sessions.begin(tokenHash, { id, passwordHash: PASSWORD_HASH }, pool)).toBe(true);
  return tokenHash;
}

/** `second` is asked for while `first` is not committed: it is over by then, or waits for it. */
async function overlapping<T>(first: (client: Client) => Promise<T>, second: () => Promise<T>): Promise<[T, T]> {
  let late: Promise<T> | undefined;
  const one = await inTransaction(pool, async (client) => {
    const result = await first(client);
    let isOver = false;
    late = second();
    late.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    while (!isOver && (await lockWaits(database)) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    return result;
  });
  return [one, await late!];
}

describe('invitations', () => {
  // Kills: looking whether it is open first, and using it later.
  it('[PRT5] accepted twice at once it makes one account; a name that is taken leaves it open', async () => {
    const { tokenHash } = await invite('viewer');
    const outcomes = await overlapping(
      (client) => accept(tokenHash, `x${fresh()}`, client),
      () => accept(tokenHash, `y${fresh()}`),
    );
    expect(outcomes).toEqual(['accepted', 'no_invitation']);
    const [one, other] = [await invite('viewer'), await invite('viewer')];
    const name = `z${fresh()}`;
    expect(
      await overlapping(
        (client) => accept(one.tokenHash, name, client),
        () => accept(other.tokenHash, name),
      ),
    ).toEqual(['accepted', 'name_taken']);
    expect(await accept(other.tokenHash, `${name}2`)).toBe('accepted');
  });

  // Kills: any of the conditions under which one is none any more.
  it('[PRT5] one that is over, revoked or unknown makes none, and one that was accepted cannot be revoked', async () => {
    const [over, revoked, used] = [await invite('viewer', -1), await invite('viewer'), await invite('viewer')];
    expect(await invitations.revoke(revoked.id, pool)).toBe('revoked');
    expect(await accept(used.tokenHash, `u${fresh()}`)).toBe('accepted');
    for (const tokenHash of [over.tokenHash, revoked.tokenHash, used.tokenHash, sha256('never made')]) {
      expect(await invitations.findOpen(tokenHash)).toBeUndefined();
      expect(await accept(tokenHash, `v${fresh()}`)).toBe('no_invitation');
    }
    expect(await invitations.revoke(used.id, pool)).toBe('accepted');
    expect(await invitations.revoke(fresh(), pool)).toBe('no_invitation');
  });
});

describe('owners', () => {
  // Kills: counting owners without locking them.
  it('[PRT6] the last enabled owner stays one, also when two owners are changed at once', async () => {
    await database.admin.query("update access.account set role = 'viewer'");
    const [ann, bob] = [await account('owner'), await account('owner')];
    const demote = { role: 'viewer' } as const;
    expect(
      await overlapping(
        (client) => accounts.change(ann, demote, client),
        () => accounts.change(bob, { disabled: true }, pool),
      ),
    ).toEqual(['changed', 'last_owner']);
    for (const change of [demote, { disabled: true }, { role: 'researcher', disabled: true } as const]) {
      expect(await accounts.change(bob, change, pool)).toBe('last_owner');
    }
    expect(await accounts.change(ann, { role: 'owner', disabled: true }, pool)).toBe('changed');
    expect(await accounts.change(bob, demote, pool)).toBe('last_owner');
    expect(await accounts.change(ann, { disabled: false }, pool)).toBe('changed');
    expect(await accounts.change(bob, demote, pool)).toBe('changed');
    expect(await accounts.change(fresh(), demote, pool)).toBe('no_account');
  });
});

describe('sessions', () => {
  const ago = (token: Uint8Array, column: string, interval: string) =>
    database.admin.query(`update access.session set ${column} = now() - $2::interval where token_hash = $1`, [
      token,
      interval,
    ]);

  // Kills: either limit.
  it('[PRT4] twelve hours unused or seven days in all end one, and what is over is deleted', async () => {
    const id = await account('viewer');
    const [idle, old, good] = [await session(id), await session(id), await session(id)];
    await ago(good, 'seen_at', '11 hours 59 minutes');
    await ago(good, 'created_at', '6 days 23 hours');
    await ago(idle, 'seen_at', '12 hours 1 minute');
    await ago(old, 'created_at', '7 days 1 minute');
    expect(await sessions.find(idle)).toBeUndefined();
    expect(await sessions.find(old)).toBeUndefined();
    expect(await sessions.find(good)).toMatchObject({ id });
    expect(await sessions.clean()).toBe(2);
    const { rows } = await database.admin.query(
      "select seen_at > now() - interval '1 minute' as seen from access.session where token_hash = $1",
      [good],
    );
    expect(rows).toEqual([{ seen: true }]);
  });

  // Kills: a disabled account whose sessions go on, or come back with it.
  it('[PRT4] a disabled account has none, begins none, and gets none back', async () => {
    const id = await account('viewer');
    const [one, other] = [await session(id), await session(id)];
    await database.admin.query('update access.account set disabled_at = now() where id = $1', [Buffer.from(id, 'hex')]);
    expect(await sessions.find(one)).toBeUndefined();
    expect(await sessions.begin(sha256('x'), { id, passwordHash: PASSWORD_HASH }, pool)).toBe(false);
    expect(await accounts.change(id, { disabled: true }, pool)).toBe('changed');
    expect(await accounts.change(id, { disabled: false }, pool)).toBe('changed');
    expect(await sessions.find(other)).toBeUndefined();
  });

  // Kills: a session that begins with a password that was changed since it was checked.
  it('[PRT4] none begins with a former password', async () => {
    const id = await account('viewer');
    expect(await accounts.changePassword(id, { from: 'another', to: 'x' }, pool)).toBe(false);
    expect(await accounts.changePassword(id, { from: PASSWORD_HASH, to: '$argon2id$2' }, pool)).toBe(true);
    expect(await sessions.begin(sha256('y'), { id, passwordHash: PASSWORD_HASH }, pool)).toBe(false);
  });
});

describe('the audit log', () => {
  const note = (subject: string): AuditNote => ({
    actor: { kind: 'command', name: 'somebody' },
    act: 'round.abort',
    subject,
    detail: { outcome: 'done' },
  });

  // Kills: a grant to change it; a table without its triggers.
  it('[AUD2] is only added to: the coordinator may not change it, nor may the owner of the tables', async () => {
    const log = new AuditLog(pool);
    await log.add(note('first'));
    for (const statement of [
      "update access.audit set subject = 'other'",
      'delete from access.audit',
      'truncate access.audit',
    ]) {
      await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' });
      await expect(database.admin.query(statement)).rejects.toThrow('only ever added to');
    }
    expect((await log.page(undefined, 10)).entries).toMatchObject([note('first')]);
  });

  // Kills: an entry in a transaction of its own.
  it('[AUD3] has an act and its entry, or neither; pages go from the newest to the oldest without gaps', async () => {
    const log = new AuditLog(pool);
    const { id } = await invite('viewer');
    await expect(
      log.together(async (client) => {
        await invitations.revoke(id, client);
        return { result: 1, note: { ...note('x'), subject: 'y'.repeat(201) } };
      }),
    ).rejects.toMatchObject({ code: '23514' });
    expect((await invitations.list()).find((one) => one.id === id)).toMatchObject({ revokedAt: null });
    for (let i = 0; i < 5; i++) await log.add(note(`n${i}`));
    const subjects: (string | null)[] = [];
    for (let before: number | undefined, next: number | null = 1; next !== null; before = next ?? undefined) {
      const page = await log.page(before, 2);
      subjects.push(...page.entries.map(({ subject }) => subject));
      next = page.next;
    }
    expect(subjects).toEqual(['n4', 'n3', 'n2', 'n1', 'n0', 'first']);
  });
});
