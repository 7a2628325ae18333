import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { migrate, roleUrl, ROLES, type Role } from '#storage/migrate';

import { FaultyLink } from '../fixtures/faulty-link.js';
import { OneProcess } from '../fixtures/one-process.js';
import { databaseUrl, testServer, withAdmin } from '../fixtures/postgres.js';
import { environments } from '../fixtures/starling.js';

const { adminUrl: server, passwords } = testServer();
const name = `starling_test_${randomBytes(6).toString('hex')}`;
const link = new FaultyLink(new URL(server));
let directory: string;
let env: Record<Role, Record<string, string>>;
const processes: OneProcess[] = [];

const start = async (role: Role, extra: Record<string, string> = {}): Promise<OneProcess> => {
  const started = await OneProcess.start(role, { ...env[role], ...extra });
  processes.push(started);
  return started;
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-test-'));
  for (const key of ['master', 'permit', 'signing', 'log'])
    await writeFile(join(directory, `${key}.key`), randomBytes(32), { mode: 0o600 });
  await link.open();
  await link.close();
  const through = new URL(databaseUrl(server, name));
  through.port = `${link.port}`;
  env = environments((role) => roleUrl(through.href, role, passwords[role]), directory, 'key');
});
afterAll(async () => {
  for (const one of processes) one.signal('SIGKILL');
  await Promise.all(processes.map(({ ended }) => ended));
  await link.close().catch(() => {});
  await withAdmin(server, (admin) => admin.query(`drop database if exists ${name} with (force)`));
  await rm(directory, { recursive: true, force: true });
});

describe('processes that start before PostgreSQL does', () => {
  // Kills: a process that looks for the database once, at its start; one that says it is ready before it has begun.
  it('[LIF1] listen, say what they wait for, and begin when it is there, migrated', async () => {
    const all = await Promise.all(ROLES.map((role) => start(role)));
    const say = (words: string | RegExp) =>
      Promise.all(all.map((one) => one.saysReady((told) => told.words.search(words) >= 0)));
    for (const told of await say(/does not answer/)) expect(told.status).toBe(503);
    for (const { url } of all) {
      expect((await fetch(`${url}/health`)).status).toBe(200);
      const other = await fetch(`${url}/v1/anything`);
      expect([other.status, other.headers.get('retry-after')]).toEqual([503, '1']);
      expect(other.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    await link.open();
    await say(/^waiting for its database, which PostgreSQL does not have yet$/);
    await withAdmin(server, (admin) => admin.query(`create database ${name}`));
    await say(/^waiting for starling migrate$/);
    await migrate(databaseUrl(server, name), passwords);
    for (const told of await say(/^ready$/)) expect(told.status).toBe(200);
  }, 60_000);

  // Kills: a readiness that asks the database and waits for as long as it does not answer; one that asks nothing.
  it('[LIF3] say within two seconds that it is gone, hangs, or takes no writes; and when it is back', async () => {
    const say = (status: number) =>
      Promise.all(processes.map((one) => one.saysReady((told) => told.status === status)));
    const within = async (trouble: () => unknown, mend: () => unknown): Promise<void> => {
      await trouble();
      for (const one of processes) {
        const told = await one.ready();
        expect(told).toMatchObject({ status: 503, words: 'waiting for PostgreSQL' });
        expect(told.afterMs).toBeLessThan(2000);
      }
      await mend();
      await say(200);
    };
    await within(
      () => link.close(),
      () => link.open(),
    );
    await within(
      () => link.hold(),
      () => link.release(),
    );
    const readOnly = (value: string): Promise<void> =>
      withAdmin(server, async (admin) => {
        await admin.query(`alter database ${name} set default_transaction_read_only = ${value}`);
        link.cut();
      });
    await within(
      () => readOnly('on'),
      () => readOnly('off'),
    );
  }, 120_000);

  it('[LIF4] end with 0 on SIGTERM, at work as well as waiting', async () => {
    const [working] = [processes.splice(0)];
    await link.close();
    const waiting = await Promise.all(ROLES.map((role) => start(role)));
    await Promise.all(waiting.map((one) => one.saysReady(({ words }) => words.includes('does not answer'))));
    const all = [...working, ...waiting];
    for (const one of all) one.signal('SIGTERM');
    const codes = await Promise.all(all.map(({ ended }) => ended));
    await link.open();
    expect(all.filter((_, i) => codes[i] !== 0).map(({ text }) => text)).toEqual([]);
  }, 60_000);

  // Kills: waiting for what no waiting mends.
  it('[LIF2] a database that may forget is fatal at once, and says so in a sentence', async () => {
    const forget = (value: string): Promise<void> =>
      withAdmin(
        server,
        async (admin) => void (await admin.query(`alter database ${name} set synchronous_commit = ${value}`)),
      );
    await forget('off');
    const one = await start('intake');
    expect(await one.ended).toBe(1);
    expect(one.text).toMatch(/^fatal: PostgreSQL runs with .*synchronous_commit=off/m);
    expect(one.text).not.toMatch(/\n\s+at /);
    await forget('on');
  }, 60_000);
});
