import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { EncryptedTokenStore } from '../encrypted-token-store.js';
import { TestStarling } from '../starling.test-server.js';
import { FileTokenStore } from './file-token-store.js';

const script = fileURLToPath(new URL('./rival-device.fixture.js', import.meta.url));
const IN_USE = expect.objectContaining({ code: 'store_in_use' });
const value = Uint8Array.of(1);

interface Told {
  readonly code?: string;
  readonly message?: string;
  readonly outcome?: string;
}

let starling: TestStarling;
let root: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  starling = await TestStarling.start({ batch: 1, layout: [{ name: 'w', shape: [300] }] });
  root = await mkdtemp(join(tmpdir(), 'starling-lock-'));
  starling.coordinator.open(starling.deployment.record(5, 0));
});
afterEach(() => Promise.all(children.splice(0).map(kill)));
afterAll(async () => {
  await starling.close();
  await rm(root, { recursive: true });
});

/** A device in a process of its own, and what came of it; the process goes on. */
async function rival(directory: string): Promise<{ child: ChildProcess; told: Told }> {
  // The round is open before the tokens are fetched: this saves a conversation with the child.
  const settings = JSON.stringify({ ...starling.settings, neverFetchAndSpend: false });
  const child = spawn(process.execPath, [script, settings, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return { child, told: JSON.parse(line) as Told };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const counts = () => ({ devices: starling.issuer.devices.size, sent: new Set(starling.intake.opened).size });
const since = (before: ReturnType<typeof counts>) => ({
  devices: counts().devices - before.devices,
  sent: counts().sent - before.sent,
});

describe('two programs in one folder', () => {
  // Kills: no lock at all: two devices enrol, one overwrites the other, and both spend.
  it('[DEV32] the second is refused while the first lives, and goes on as the same device as soon as it is killed', async () => {
    const directory = join(root, 'one-folder');
    const before = counts();
    const first = await rival(directory);
    expect(first.told).toEqual({ outcome: 'accepted' });
    const second = await rival(directory);
    expect(second.told.code).toBe('store_in_use');
    expect(second.told.message).toContain(`${directory} now: stop it, or give this one a folder of its own`);
    await kill(first.child);
    // Nobody cleaned up, and the second one's process is still there.
    const third = await rival(directory);
    expect(third.told).toEqual({ outcome: 'skipped' });
    expect(since(before)).toEqual({ devices: 1, sent: 1 });
  }, 60_000);

  // Kills: looking for others before the own claim is there; a claim that is there before it answers.
  it('[DEV32] of four that start at once one at most is the device', async () => {
    const directory = join(root, 'at-once');
    const before = counts();
    const told = await Promise.all([1, 2, 3, 4].map(async () => (await rival(directory)).told));
    expect(told.filter(({ code }) => code !== 'store_in_use').length).toBeLessThanOrEqual(1);
    expect(since(before).devices).toBeLessThanOrEqual(1);
    expect(since(before).sent).toBeLessThanOrEqual(1);
  }, 60_000);

  it('[DEV32] so it is for two stores of one process, for an encrypted one, and in a folder of any length', async () => {
    const directory = join(root, 'long'.repeat(50));
    const first = new EncryptedTokenStore(new FileTokenStore(directory), new Uint8Array(32));
    await first.write('wallet', value);
    await expect(new FileTokenStore(directory).read('wallet')).rejects.toEqual(IN_USE);
    first.close();
    first.close();
    const next = new FileTokenStore(directory);
    expect(await next.read('wallet')).toBeDefined();
    next.close();
    expect(await readdir(directory)).toEqual(['wallet']);
  });

  // Kills: a closed store that takes the folder again, and writes over what the next device wrote.
  it('[DEV32] a closed store stays closed, and what it was writing is written before the next one has the folder', async () => {
    const directory = join(root, 'closed');
    const first = new FileTokenStore(directory);
    await first.read('wallet');
    const writing = first.write('wallet', value);
    first.close();
    await writing;
    await expect(first.write('wallet', Uint8Array.of(2))).rejects.toEqual(IN_USE);
    await expect(first.read('wallet')).rejects.toEqual(IN_USE);
    const next = new FileTokenStore(directory);
    expect(await next.read('wallet')).toEqual(value);
    next.close();
  });

  // Kills: believing a file because it is there.
  it('[DEV32] what the dead left, or a copy of the folder brought, holds nothing', async () => {
    const directory = join(root, 'left');
    await mkdir(directory);
    for (const name of ['0123.claim', '4567.claim-draft']) await writeFile(join(directory, name), '');
    const store = new FileTokenStore(directory);
    await store.write('wallet', value);
    store.close();
    expect(await readdir(directory)).toEqual(['wallet']);
  });
});
