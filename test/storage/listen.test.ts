import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { listen } from '#storage/database';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';
import { FaultyLink } from '../fixtures/faulty-link.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

// Kills: a failed connection that is tried again by its rejection and by its end: 2^n of them after n seconds.
it('[PGC1] who listens has one connection again after the database was away, and hears of news', async () => {
  const url = new URL(database.urlOf('coordinator'));
  const door = new FaultyLink(url);
  await door.open();
  url.port = `${door.port}`;
  const news: string[] = [];
  const listener = await listen(url.href, ['starling_round'], (_, payload) => void news.push(payload));
  await door.close();
  await sleep(5500);
  await door.open();
  await sleep(2500);
  expect(door.connections).toBe(1);
  await database.admin.query("select pg_notify('starling_round', 'back')");
  while (!news.includes('back')) await sleep(10);
  expect(news).toEqual(['', '', 'back']);
  await listener.close();
  await door.close();
});

// Kills: a listener that trusts a silent connection: no news for as long as nobody asks anything on it.
it('[LIF6] who listens notices a connection that went silent', async () => {
  const url = new URL(database.urlOf('coordinator'));
  const link = new FaultyLink(url);
  await link.open();
  url.port = `${link.port}`;
  const news: string[] = [];
  const listener = await listen(url.href, ['starling_round'], (_, payload) => void news.push(payload));
  link.hold();
  while (link.connections > 0) await sleep(50);
  link.release();
  while (news.length < 2) await sleep(50);
  await database.admin.query("select pg_notify('starling_round', 'back')");
  while (!news.includes('back')) await sleep(10);
  expect(link.connections).toBe(1);
  await listener.close();
  await link.close();
}, 30_000);
