import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { lookAtTls } from '../../apps/cli/src/doctor/files.js';
import type { Finding } from '../../apps/cli/src/doctor/finding.js';
import { lookAtNode, lookAtPorts } from '../../apps/cli/src/doctor/machine.js';
import { lookAtProcess } from '../../apps/cli/src/doctor/processes.js';
import { writeRunning } from '../../apps/cli/src/stack/running.js';
import { makeCertificate } from '../fixtures/certificates.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
const SECRETS = ['master.key', 'signing.key', 'log.key', 'permit.key'];

let starling: TestStarling;
let directory: string;

beforeAll(async () => {
  starling = await startStarling();
  directory = await mkdtemp(join(tmpdir(), 'starling-doctor-'));
  await mkdir(join(directory, 'secrets'), { mode: 0o700 });
  for (const name of SECRETS) await writeFile(join(directory, 'secrets', name), 'x'.repeat(32), { mode: 0o600 });
  await mkdir(join(directory, 'starling.lock'));
  const { issuer, intake, coordinator } = starling;
  await writeRunning(directory, { issuer, intake, coordinator, worker: starling.url('worker'), deploymentKey: '' });
}, 120_000);
afterAll(async () => {
  await starling.stop();
  await rm(directory, { recursive: true });
});

async function doctor(): Promise<{ code: number; findings: Finding[]; error: string }> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: starling.database.adminUrl };
  const child = spawn(process.execPath, [MAIN, 'doctor', '--directory', directory, '--json'], { env });
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode!, error, findings: (JSON.parse(out) as { findings: Finding[] }).findings };
}

/** What is wrong, and nothing else; each with something to do about it. */
async function ailments(): Promise<string[]> {
  const { code, findings, error } = await doctor();
  const wrong = findings.filter(({ verdict }) => verdict === 'bad');
  for (const { next } of findings.filter(({ verdict }) => verdict !== 'ok')) expect(next).toMatch(/\w.*\.$/);
  expect({ code, isSaid: error !== '' }).toEqual({ code: wrong.length > 0 ? 1 : 0, isSaid: wrong.length > 0 });
  return wrong.map(({ check }) => check);
}

describe('starling doctor', () => {
  it('[CMD42] finds nothing wrong where all is well, and says what it looked at', async () => {
    expect(await ailments()).toEqual([]);
    const { findings } = await doctor();
    const names = [
      'Node',
      'libsodium',
      'TensorFlow',
      'disk',
      'ports',
      'lock',
      'secrets',
      'TLS',
      'database',
      'durability',
    ];
    const others = ['migrations', 'clocks', 'issuer', 'intake', 'coordinator', 'worker'];
    expect([...new Set(findings.map(({ check }) => check))].sort()).toEqual([...names, ...others].sort());
    expect(JSON.stringify(findings)).not.toContain(new URL(starling.database.adminUrl).password);
  });

  // Kills: a check that is always content.
  it('[CMD42] finds a process that hangs', async () => {
    process.kill(starling.pid('worker'), 'SIGSTOP');
    try {
      expect(await ailments()).toEqual(['worker']);
    } finally {
      process.kill(starling.pid('worker'), 'SIGCONT');
    }
  });

  it('[CMD42] finds a database that may forget, and one that is behind', async () => {
    const { admin } = starling.database;
    const { rows } = await admin.query<{ name: string }>('select current_database() as name');
    await admin.query(`alter database "${rows[0]!.name}" set synchronous_commit = off`);
    expect(await ailments()).toEqual(['durability']);
    await admin.query(`alter database "${rows[0]!.name}" reset synchronous_commit`);
    await admin.query("delete from public.kysely_migration where name = '0034-operations.sql'");
    expect(await ailments()).toEqual(['migrations']);
    await admin.query("insert into public.kysely_migration (name, timestamp) values ('0034-operations.sql', '')");
    expect(await ailments()).toEqual([]);
  });

  it('[CMD42] finds secrets that others may read or that are gone, and a stale lock', async () => {
    const file = join(directory, 'secrets', 'permit.key');
    await chmod(file, 0o644);
    expect(await ailments()).toEqual(['secrets']);
    await chmod(file, 0o600);
    await rm(join(directory, 'secrets', 'master.key'));
    expect(await ailments()).toEqual(['secrets']);
    await writeFile(join(directory, 'secrets', 'master.key'), 'x'.repeat(32), { mode: 0o600 });
    await writeFile(join(directory, 'starling.lock', '4194303-1-0'), '');
    const { findings } = await doctor();
    expect(findings).toContainEqual(expect.objectContaining({ check: 'lock', verdict: 'warn' }));
  });

  const DAY_MS = 86_400_000;
  const tls = async (env: Record<string, string>, days: number): Promise<string> =>
    (await lookAtTls(env, Date.now() + days * DAY_MS))[0]!.verdict;

  it('[CMD42] finds certificates that end soon, ended, or do not fit their key', async () => {
    // Good for two days.
    const { settings: env } = await makeCertificate(directory);
    expect([await tls({}, 0), await tls(env, 0), await tls(env, 3), await tls(env, -1)]).toEqual([
      'ok',
      'warn',
      'bad',
      'bad',
    ]);
    expect(await tls({ ...env, TLS_KEY_FILE: join(directory, 'ca.key') }, 0)).toBe('bad');
    expect(await tls({ TLS_CERT_FILE: env.TLS_CERT_FILE }, 0)).toBe('bad');
    expect(await tls({ ...env, TLS_CERT_FILE: join(directory, 'none.pem') }, 0)).toBe('bad');
  });

  it('[CMD42] finds an old Node, taken ports and clocks that are off', async () => {
    expect(lookAtNode('20.18.9')[0]!.verdict).toBe('bad');
    expect(lookAtNode('24.0.0')[0]!.verdict).toBe('ok');
    const server = createServer((_, response) => {
      response.setHeader('date', new Date(Date.now() - 400_000).toUTCString());
      response.setHeader('content-type', 'application/json').end('{"status":"ready"}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      expect((await lookAtPorts(false, { mine: port }))[0]!.verdict).toBe('warn');
      const findings = await lookAtProcess('issuer', `http://127.0.0.1:${port}`, Date.now);
      expect(findings.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual(['issuer ok', 'clocks warn']);
    } finally {
      server.close();
    }
  });
});
