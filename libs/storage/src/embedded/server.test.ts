import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { isAlive, launchElsewhere, query, scratch } from './embedded-postgres.fixture.js';
import { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from './index.js';

describe('a running embedded PostgreSQL', () => {
  const directory = join(scratch(), 'data', 'postgres');
  const log: string[] = [];
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    server = await startEmbeddedPostgres({
      directory,
      settings: { max_connections: 40 },
      onLog: (line) => log.push(line),
    });
  });
  afterAll(() => server.stop());

  const setting = async (name: string) => (await query(server.url, `show ${name}`)).rows[0][name];

  it('[PGE1] listens on 127.0.0.1 only, and asks for the password of a file of mode 600', async () => {
    expect(await setting('listen_addresses')).toBe('127.0.0.1');
    expect(await setting('unix_socket_directories')).toBe('');
    const url = new URL(server.url);
    expect(Number(url.port)).toBe(server.port);
    expect(readFileSync(join(directory, 'password'), 'utf8')).toBe(url.password);
    expect(statSync(join(directory, 'password')).mode & 0o777).toBe(0o600);
    expect(url.password.length).toBeGreaterThanOrEqual(32);
    url.password = 'wrong';
    await expect(query(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    const hba = await query(server.url, 'select distinct auth_method from pg_hba_file_rules');
    expect(hba.rows).toEqual([{ auth_method: 'scram-sha-256' }]);
  });

  it('[PGE2] commits durably, in UTF8 and locale C, with the settings asked for', async () => {
    for (const name of ['fsync', 'full_page_writes', 'synchronous_commit']) expect(await setting(name)).toBe('on');
    expect(await setting('server_encoding')).toBe('UTF8');
    expect(await setting('max_connections')).toBe('40');
    const locale = await query(server.url, 'select datcollate from pg_database where datname = current_database()');
    expect(locale.rows[0].datcollate).toBe('C');
  });

  // Mutant: settings that only stand before the caller's on the command line.
  it.each(['fsync', 'listen_addresses', 'port', 'starling.launcher', 'x; drop'])(
    '[PGE2] %s cannot be set',
    async (name) => {
      const start = startEmbeddedPostgres({ directory: scratch(), settings: { [name]: 'off' } });
      await expect(start).rejects.toMatchObject({ code: 'bad_setting' });
    },
  );

  // Mutant: default verbosity; the DETAIL of a refused insert, and the statement, would show the token.
  it('[PGE3] its log holds no row and no statement', async () => {
    const insert = "insert into spent values ('nonce-4711')";
    await expect(query(server.url, 'create table spent (nonce text primary key)', insert, insert)).rejects.toThrow(
      'duplicate',
    );
    const text = readFileSync(join(directory, 'server.log'), 'utf8');
    expect(text).toContain('duplicate key value');
    expect(text).not.toContain('4711');
  });

  it('[PGE4] another start in the same directory says who holds it, and harms nothing', async () => {
    for (const start of [startEmbeddedPostgres({ directory }), launchElsewhere({ directory })]) {
      const error = await start.then(
        () => undefined,
        (error: EmbeddedPostgresError) => error,
      );
      expect(error).toMatchObject({ code: 'already_running' });
      expect(error!.message).toContain(`Starling process ${process.pid}`);
    }
    expect((await query(server.url, 'select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('[PGE5] stop ends the server with sessions open, may be repeated, and a later start has the data and the password', async () => {
    await query(server.url, 'create table kept (n int)', 'insert into kept values (42)');
    const { url, pid, port } = server;
    const idle = query(url, 'select pg_sleep(60)').catch((error: { code: string }) => error.code);
    const sleeping = "select 1 from pg_stat_activity where wait_event = 'PgSleep'";
    while ((await query(url, sleeping)).rowCount === 0);
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(isAlive(pid)).toBe(false);
    expect(await idle).toBe('57P01'); // admin_shutdown
    expect(log.at(-1)).toMatch(/database system is shut down/);

    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    server = await startEmbeddedPostgres({ directory, port });
    taken.close();
    expect(server.port).not.toBe(port); // [PGE6]
    expect(new URL(server.url).password).toBe(new URL(url).password);
    expect((await query(server.url, 'select n from kept')).rows).toEqual([{ n: 42 }]);
  });

  it('[PGE6] takes the port asked for when it is free', async () => {
    const { port } = server;
    await server.stop();
    server = await startEmbeddedPostgres({ directory, port });
    expect(server.port).toBe(port);
  });

  // Mutant: no watch on the child; the caller would only ever see refused connections.
  it('[PGE7] tells when the server ends unasked, with the end of its log', async () => {
    await server.stop();
    let told!: (error: EmbeddedPostgresError) => void;
    const ended = new Promise<EmbeddedPostgresError>((resolve) => (told = resolve));
    server = await startEmbeddedPostgres({ directory, onUnaskedStop: told });
    process.kill(server.pid, 'SIGQUIT');
    const error = await ended;
    expect(error).toMatchObject({ code: 'stopped_unasked' });
    expect(error.message).toContain('received immediate shutdown request');
    server = await startEmbeddedPostgres({ directory });
  });

  it('[PGE8] a failed start shows the end of the log and what to do, and leaves nothing running', async () => {
    await server.stop();
    const start = startEmbeddedPostgres({ directory, settings: { max_connections: 'many' } });
    const error = await start.catch((error: unknown) => error as EmbeddedPostgresError);
    expect(error).toBeInstanceOf(EmbeddedPostgresError);
    expect(error).toMatchObject({ code: 'start_failed' });
    expect((error as Error).message).toMatch(/then start again[^]*server\.log[^]*max_connections/);
    writeFileSync(join(directory, 'cluster', 'postmaster.pid'), ''); // what a power cut may leave
    server = await startEmbeddedPostgres({ directory });
  });
});
