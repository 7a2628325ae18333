import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from '@jest/globals';

import type { DeploymentReply } from '#protocol';

import { startStack, type Stack } from '../../apps/cli/src/stack/stack.js';
import { ask } from '../fixtures/http.js';
import { eventually } from '../fixtures/patience.js';

async function startedIn(directory: string): Promise<Stack> {
  await chmod(directory, 0o755); // as root, PostgreSQL runs as another user and has to get in
  return startStack({ directory });
}

// Kills: giving up when a port that was free a moment ago is taken: all look for the same ones first.
it('[CMD16] Starlings that start at the same moment get ports of their own', async () => {
  const directories = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'starling-stack-test-'))));
  const started = await Promise.allSettled(directories.map(startedIn));
  const stacks = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    expect(started.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))).toEqual([]);
    const urls = stacks.flatMap(({ urls }) => Object.values(urls));
    expect(new Set(urls).size).toBe(8);
    // On a busy machine the answer of a check may take longer than it is waited for.
    const isReady = async (url: string): Promise<boolean> => (await fetch(`${url}/ready`)).status === 200;
    for (const url of urls) await eventually(`${url} is ready`, () => isReady(url), { withinMs: 30_000 });
  } finally {
    await Promise.all(stacks.map((stack) => stack.stop()));
    await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
  }
}, 120_000);

// Kills: addresses of the ports that were asked for, where others had to be taken; a key that no device pins.
it('[WIZ10] a Starling says where its processes are, and the key that its devices pin', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'starling-stack-test-'));
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await chmod(directory, 0o755);
  const { urls, secrets, stop } = await startStack({ directory, ports: { issuer: port, intake: port } });
  try {
    const { coordinator, issuer, intake } = urls;
    expect(issuer).not.toBe(`http://127.0.0.1:${port}`);
    const { version, ...told } = (await ask(`${coordinator}/v1/deployment`)).json as DeploymentReply;
    expect(told).toEqual({ coordinator, issuer, intake, deploymentKey: secrets.deploymentKey });
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  } finally {
    await stop();
    taken.close();
    await rm(directory, { recursive: true, force: true });
  }
}, 120_000);

// Kills: a start that drops what an operator set, or hands it to processes that it is not for.
it('[DOC6] what an operator sets reaches the processes that know it, and no other', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'starling-stack-test-'));
  process.env['ALLOWED_ORIGINS'] = 'https://page.example';
  const stack = await startedIn(directory);
  try {
    const allowed = async (url: string): Promise<string | null> =>
      (await fetch(`${url}/health`, { headers: { origin: 'https://page.example' } })).headers.get(
        'access-control-allow-origin',
      );
    const { coordinator, issuer, intake, worker } = stack.urls;
    expect(await Promise.all([coordinator, issuer, intake, worker].map(allowed))).toEqual([
      'https://page.example',
      'https://page.example',
      null,
      null,
    ]);
  } finally {
    delete process.env['ALLOWED_ORIGINS'];
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}, 120_000);
