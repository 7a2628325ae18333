import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { Person } from '../fixtures/person.js';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-first-owner-'));
  await chmod(directory, 0o755); // as root, PostgreSQL runs as another user and has to get in
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** `starling up` for as long as `work` takes. It is told the one line that is printed. */
async function whileUp<T>(work: (told: { coordinator: string; signUp: string | null }) => Promise<T>): Promise<T> {
  const args = [MAIN, 'up', '--json', '--directory', directory];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return await work(JSON.parse(line) as { coordinator: string; signUp: string | null });
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

// Kills: no address, one that goes on once there is an owner, or a token that a server's log has.
it('[PRT10] `starling up` gives an address for the first owner until there is one', async () => {
  await whileUp(async ({ coordinator, signUp }) => {
    const address = new URL(signUp!);
    expect([address.origin, address.pathname, address.search]).toEqual([coordinator, '/ui/', '']);
    const token = /^#\/join\?token=([\w-]{43})$/.exec(address.hash)![1]!;
    const owner = new Person(coordinator, 'ann');
    expect(await owner.join(token)).toMatchObject({ status: 201, json: { account: { role: 'owner' } } });
    expect(await owner.code('/accounts')).toBe('status 200');
  });
  await whileUp(async ({ signUp }) => expect(signUp).toBeNull());
}, 120_000);
