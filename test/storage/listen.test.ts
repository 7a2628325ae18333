import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { listen } from '#storage/database';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

/** Stands between a process and PostgreSQL, and can be away. */
class Door {
  readonly #open = new Set<Socket>();
  readonly #server: Server;

  constructor({ port, hostname }: URL) {
    this.#server = createServer((socket) => {
      const beyond = connect(Number(port), hostname);
      this.#open.add(socket.once('close', () => void this.#open.delete(socket)));
      for (const end of [socket, beyond]) end.on('error', () => undefined).on('close', () => beyond.destroy());
      beyond.on('close', () => socket.destroy());
      socket.pipe(beyond).pipe(socket);
    });
  }

  get connections(): number {
    return this.#open.size;
  }

  async open(port: number = 0): Promise<number> {
    await once(this.#server.listen(port, '127.0.0.1'), 'listening');
    return (this.#server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}

// Kills: a failed connection that is tried again by its rejection and by its end: 2^n of them after n seconds.
it('[PGC1] who listens has one connection again after the database was away, and hears of news', async () => {
  const url = new URL(database.urlOf('coordinator'));
  const door = new Door(url);
  const port = await door.open();
  url.port = `${port}`;
  const news: string[] = [];
  const listener = await listen(url.href, ['starling_round'], (_, payload) => void news.push(payload));
  await door.close();
  await sleep(5500);
  await door.open(port);
  await sleep(2500);
  expect(door.connections).toBe(1);
  await database.admin.query("select pg_notify('starling_round', 'back')");
  while (!news.includes('back')) await sleep(10);
  expect(news).toEqual(['', '', 'back']);
  await listener.close();
  await door.close();
});
