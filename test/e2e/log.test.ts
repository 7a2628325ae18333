import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { ed25519 } from '@noble/curves/ed25519.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { auditLog, Device, type LogReport, type Witness } from '#client';
import { nodePlatform, type NodePlatform } from '#client/node';
import { decodeEntries, decodeLogLeaf, decodeRoundRecord, type Manifest, type TreeHeadReply } from '#protocol';
import { leafHash } from '#transparency';

import { sha256 } from '../fixtures/device.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
const nudge = ({ parameters }: { parameters: Float32Array }) => parameters.map((value) => value + 2 ** -10);

let starling: TestStarling;
let manifest: Manifest;
let deploymentKey: string;
let directory: string;
let witness: { process: ChildProcess; pinned: Witness };
const platforms: NodePlatform[] = [];
const devices: Device[] = [];

beforeAll(async () => {
  starling = await startStarling();
  directory = await mkdtemp(join(tmpdir(), 'starling-log-'));
  deploymentKey = Buffer.from(ed25519.getPublicKey(await readFile(join(starling.directory, 'signing.key')))).toString(
    'hex',
  );
  manifest = await starling.researcher.createUseCase({ kMin: 2 });
  witness = await startWitness();
  const code = await starling.researcher.enrolmentCode(manifest.useCase, 10);
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    const { issuer, coordinator, intake } = starling;
    const settings = { issuer, coordinator, intake, useCase: manifest.useCase, code, deploymentKey };
    platforms.push(nodePlatform({ directory: join(directory, name) }));
    devices.push(await Device.enrol(i === 0 ? { ...settings, witness: witness.pinned } : settings, platforms[i]!));
    await devices[i]!.prefetch();
  }
  const rounds = await starling.researcher.startRounds(manifest.useCase, { count: 2, min: 2, target: 2 });
  for (const device of devices.slice(0, 2)) await takePart(device);
  await starling.researcher.awaitRound(rounds[0]!, 'published');
  await starling.researcher.awaitRound(rounds[1]!, 'open');
  await starling.researcher.abort(rounds[1]!);
  await until(async () => (await audit()).results === 1 && (await leaves()).length === 6);
}, 180_000);
afterAll(async () => {
  witness?.process.kill('SIGKILL');
  for (const platform of platforms) platform.close();
  await starling.stop();
  await rm(directory, { recursive: true, force: true });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}

async function takePart(device: Device): Promise<void> {
  await until(async () => (await device.participate(nudge)).outcome === 'accepted');
}

async function startWitness(): Promise<{ process: ChildProcess; pinned: Witness }> {
  const key = Buffer.from(manifest.logKey).toString('hex');
  const where = ['--url', starling.coordinator, '--audience', manifest.audience, '--log-key', key];
  const how = ['--store', join(directory, 'witness'), '--port', '0', '--interval', '50', '--json'];
  const process = run('log', 'witness', ...where, ...how);
  const [line] = (await once(process.stdout!, 'data')) as [Buffer];
  const { port, publicKey } = JSON.parse(line.toString()) as { port: number; publicKey: string };
  return { process, pinned: { url: `http://127.0.0.1:${port}`, publicKey } };
}

const run = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [MAIN, ...args], { cwd: directory, env: { PATH: process.env['PATH'] } });

async function command(...args: string[]): Promise<{ code: number | null; out: string; error: string }> {
  const child = run(...args);
  const [out, error] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')]);
  return { code: child.exitCode, out, error };
}

const audit = (): Promise<LogReport> =>
  auditLog(
    { ...platforms[0]!, http: platforms[0]!.http.coordinator },
    { coordinator: starling.coordinator, deploymentKey },
  );
const bytesOf = async (path: string): Promise<Uint8Array> =>
  new Uint8Array(await (await fetch(`${starling.coordinator}/v1/${path}`)).arrayBuffer());
const leaves = async () => decodeEntries(await bytesOf('log/entries/0')).map(decodeLogLeaf);

describe('the log of a deployment', () => {
  // Kills: a round that opens before its record is in the log, under a head that covers it.
  it('[LOG18] says in their order: key, manifest, each record before its round opens, and how it ended', async () => {
    const kinds = (await leaves()).map(({ kind }) => kind);
    expect(kinds).toEqual(['key', 'manifest', 'round', 'result', 'round', 'abandonment']);
    const heads = (await (await fetch(`${starling.coordinator}/v1/log/heads/0`)).json()) as TreeHeadReply[];
    const { rows } = await starling.database.admin.query<{ leaf: string; opened: number; record: Buffer }>(
      'select leaf, (extract(epoch from opened_at) * 1000)::float8 as opened, record from rounds.round order by leaf',
    );
    expect(rows.map(({ leaf }) => leaf)).toEqual(['2', '4']);
    for (const { leaf, opened } of rows) {
      const covering = heads.find(({ size }) => size > Number(leaf));
      expect(covering!.timestamp).toBeLessThanOrEqual(opened);
    }
    const [first, second] = rows.map(({ record }) => decodeRoundRecord(record));
    const result = (await leaves())[3]!;
    expect(Buffer.from(first!.modelDigest).equals(manifest.initialModel)).toBe(true);
    expect(result.kind === 'result' && Buffer.from(result.modelOut).equals(second!.modelDigest)).toBe(true);
  });

  it('[LOG4] serves the hashes of its leaves in tiles', async () => {
    const hashes = decodeEntries(await bytesOf('log/entries/0')).map((leaf) => leafHash(sha256, leaf));
    expect(Buffer.concat(hashes).equals(await bytesOf('log/tile/0/0'))).toBe(true);
    expect(await bytesOf('log/tile/1/0')).toHaveLength(0);
  });

  it('[LOG19] verify finds nothing wrong with it, and says how much it looked at', async () => {
    const args = ['log', 'verify', '--url', starling.coordinator, '--deployment-key', deploymentKey];
    const { code, out } = await command(...args, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ leaves: 6, useCases: 1, rounds: 2, results: 1, models: 2, problems: [] });
    expect((await command(...args)).out).toContain('All of it holds.');
    const stranger = await command('log', 'verify', '--url', starling.coordinator, '--deployment-key', '00'.repeat(32));
    expect(stranger).toMatchObject({
      code: 1,
      out: expect.stringContaining('leaf 1 is a manifest that the deployment key did not sign'),
    });
  });

  it('[LOG15] a device that took part shows that it was counted, and one that did not does not', async () => {
    const store = (name: string) => [
      '--store',
      join(directory, name),
      '--out',
      join(directory, 'proofs'),
      '--url',
      starling.coordinator,
    ];
    const early = await command('log', 'counted', ...store('b'));
    expect(early).toMatchObject({ code: 1, out: '', error: expect.stringContaining('(store_in_use)') });
    for (const platform of platforms.slice(1)) platform.close();
    const took = await command('log', 'counted', ...store('b'), '--json');
    expect(JSON.parse(took.out)).toMatchObject([{ outcome: 'counted' }, { outcome: 'abandoned' }]);
    const idle = await command('log', 'counted', ...store('c'), '--json');
    expect(JSON.parse(idle.out)).toMatchObject([{ outcome: 'not_mine' }, { outcome: 'abandoned' }]);
    const [file] = await readdir(join(directory, 'proofs'));
    const key = ['--log-key', Buffer.from(manifest.logKey).toString('hex')];
    const proof = await command('log', 'check-proof', join(directory, 'proofs', file!), ...key);
    expect(proof).toMatchObject({ code: 0, out: expect.stringContaining('one of 2 updates') });
    const wrong = await command('log', 'check-proof', join(directory, 'proofs', file!), '--log-key', '00'.repeat(32));
    expect(wrong).toMatchObject({ code: 1, out: expect.stringContaining('It does not hold') });
  });

  it('[LOG9] a device may take its heads from a witness that runs beside', async () => {
    expect(await devices[0]!.audit()).toMatchObject([{ outcome: 'counted' }, { outcome: 'abandoned' }]);
    const head = (await (await fetch(`${witness.pinned.url}/v1/log/head`)).json()) as TreeHeadReply;
    expect(head).toMatchObject({ size: 6, cosignature: expect.stringMatching(/^[0-9a-f]{128}$/) });
  });
});

// Kills: an audit that believes any of these. The superuser changes what no process may.
describe('what is wrong with a log', () => {
  const FROZEN = 'insert into rounds.frozen select * from saved_frozen on conflict do nothing';
  const MODEL = 'insert into rounds.model select * from saved_model on conflict do nothing';
  const turned = (table: string, column: string, which: string): string =>
    `update ${table} set ${column} = set_byte(${column}, 20, get_byte(${column}, 20) # 1) where ${which}`;
  const LIES: { name: string; lie: string; undo?: string; leaf: number; found: string }[] = [
    { name: 'a leaf', lie: turned('log.entry', 'leaf', 'position = 0'), leaf: 1, found: 'another root' },
    { name: 'a head', lie: turned('log.head', 'root', 'number = 0'), leaf: 1, found: 'another root' },
    { name: 'a signature', lie: turned('log.head', 'signature', 'number = 0'), leaf: 1, found: 'did not sign' },
    { name: 'a manifest', lie: turned('keys.manifest', 'signature', 'true'), leaf: 1, found: 'another signature' },
    {
      name: 'a list',
      lie: turned('rounds.frozen', 'header_digest', 'position = 0'),
      leaf: 3,
      found: 'another accepted list',
    },
    {
      name: 'a shorter list',
      lie: 'delete from rounds.frozen where position = 0',
      undo: FROZEN,
      leaf: 3,
      found: 'a list of 1',
    },
    { name: 'no list', lie: 'delete from rounds.frozen', undo: FROZEN, leaf: 3, found: 'without an accepted list' },
    {
      name: 'no model',
      lie: 'delete from rounds.model where version = 1',
      undo: MODEL,
      leaf: 5,
      found: 'cannot be had',
    },
  ];

  // Turning a bit twice is turning it back.
  it.each(LIES)(
    '[LOG19] verify finds $name that was changed, and says at which leaf',
    async ({ lie, undo = lie, leaf, found }) => {
      const { admin } = starling.database;
      await admin.query('create table saved_frozen as table rounds.frozen');
      await admin.query('create table saved_model as table rounds.model');
      await admin.query(lie);
      const { problems } = await audit();
      await admin.query(undo);
      await admin.query('drop table saved_frozen, saved_model');
      expect(problems).toContainEqual({ position: leaf, what: expect.stringContaining(found) });
      expect((await audit()).problems).toEqual([]);
    },
  );

  it('[LOG7] devices and the witness stop where its past was changed, and the witness keeps what shows it', async () => {
    const { admin } = starling.database;
    const good = await (await fetch(`${witness.pinned.url}/v1/log/head`)).json();
    await admin.query('update log.node set hash = sha256(hash) where level = 2');
    await starling.researcher.createUseCase();
    await until(async () => (await leaves()).length === 8);
    for (const device of devices.slice(1)) {
      await expect(device.prefetch()).rejects.toMatchObject({ code: 'split_view' });
      await expect(device.audit()).rejects.toMatchObject({ code: 'split_view' });
    }
    const evidence = async () =>
      (await readdir(join(directory, 'witness'))).filter((name) => name.startsWith('split-view'));
    await until(async () => (await evidence()).length === 1);
    const { heads } = JSON.parse(await readFile(join(directory, 'witness', (await evidence())[0]!), 'utf8')) as {
      heads: TreeHeadReply[];
    };
    // The first other head may come before the news: a log shows now and then that it lives.
    expect(heads.map(({ size }) => size >= 6)).toEqual([true, true]);
    // Which of both comes first depends on it: another root of the same size, or of more leaves.
    expect(heads).toContainEqual(expect.objectContaining({ size: 6, root: (good as TreeHeadReply).root }));
    expect(heads[0]!.root).not.toBe(heads[1]!.root);
    expect(await (await fetch(`${witness.pinned.url}/v1/log/head`)).json()).toEqual(good);
  });
});
