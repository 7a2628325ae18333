import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { awaitDatabase, inTransaction, openPool, type Pool } from '#storage/database';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { FaultyLink } from '../fixtures/faulty-link.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

async function waited(pool: Pool, patienceMs: number): Promise<{ reasons: string[]; error: unknown }> {
  const reasons: string[] = [];
  const onWait = (reason: string): void => void reasons.push(reason);
  const waiting = { onWait, signal: new AbortController().signal, patienceMs };
  const error: unknown = await awaitDatabase(pool, async () => {}, waiting).catch((cause: unknown) => cause);
  await pool.end();
  return { reasons, error };
}

describe('waiting for a database', () => {
  // Kills: a wrong password waited for for ever, or not at all: before migrations a role looks the same.
  it('[LIF2] a wrong password is fatal after a while, in which migrations may set it', async () => {
    const url = new URL(database.urlOf('intake'));
    url.password = 'wrong';
    const { reasons, error } = await waited(openPool(url.href), 300);
    expect(new Set(reasons)).toEqual(
      new Set(['PostgreSQL to take its password: it is wrong, or starling migrate has not run']),
    );
    expect(error).toMatchObject({ code: '28P01' });
    expect(String(error)).not.toContain('wrong');
  });

  it('[LIF2] a database behind this version is waited for', async () => {
    const { rows } = await database.admin.query<{ name: string }>(
      'select name from public.kysely_migration order by name desc limit 1',
    );
    const rename = (from: string, to: string): Promise<unknown> =>
      database.admin.query('update public.kysely_migration set name = $2 where name = $1', [from, to]);
    await rename(rows[0]!.name, 'gone');
    const pending = waited(openPool(database.urlOf('worker')), 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await rename('gone', rows[0]!.name);
    const { reasons, error } = await pending;
    expect(error).toBeUndefined();
    expect(new Set(reasons)).toEqual(new Set(['starling migrate']));
  });
});

// Kills: statements without an end: one that waits for a lock or a server that hangs holds its caller for ever.
it('[LIF5] nothing waits for ever: not for a lock, not for a server that hangs, and the pool works again', async () => {
  const url = new URL(database.urlOf('coordinator'));
  const link = new FaultyLink(url);
  await link.open();
  url.port = `${link.port}`;
  const pool = openPool(url.href, { max: 2 });
  await Promise.all([pool.query('select 1'), pool.query('select 1')]);
  const insert = "insert into keys.use_case (id, title, draft) values ('locked', 'x', '{}') on conflict do nothing";
  await inTransaction(database.pool('coordinator'), async (holder) => {
    await holder.query(insert);
    await expect(Promise.race([pool.query(insert), sleep(20_000)])).rejects.toMatchObject({ code: '55P03' });
  });
  await expect(pool.query('select pg_sleep(15)')).rejects.toMatchObject({ code: '57014' });
  const silent = inTransaction(pool, async (client) => {
    link.hold();
    await client.query('select 1');
  });
  await expect(silent).rejects.toThrow('Query read timeout');
  link.release();
  await expect(pool.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
  await pool.end();
  await link.close();
}, 60_000);

// Kills: a transaction without a listener: found by killing PostgreSQL under a coordinator, which ended with it.
it('[LIF7] a connection that breaks between two statements of a transaction fails that transaction only', async () => {
  const pool = database.pool('worker', 1);
  const broken = inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    await database.admin.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await client.query('select 1');
  });
  await expect(broken).rejects.toThrow(/terminat|not queryable/);
  await expect(pool.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
});
