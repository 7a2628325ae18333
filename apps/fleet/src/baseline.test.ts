import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { expect, it } from '@jest/globals';

const MAIN = fileURLToPath(new URL('./baseline.js', import.meta.url));

// Kills: a baseline that takes the processors from the rounds; one that is trained on a device's share.
it('[CMD19] the baseline trains on everything, yields to everybody, and says in a line how good it is', async () => {
  const cacheDirectory = await mkdtemp(join(tmpdir(), 'starling-baseline-'));
  const plan = { model: 'mlp', seed: 1, rounds: 1, devices: 10, cohort: 4, cacheDirectory };
  const child = spawn(process.execPath, [MAIN], { env: { STARLING_BASELINE: JSON.stringify(plan) } });
  let priority = 0;
  child.stdout.once('data', () => (priority = getPriority(child.pid)));
  const told = JSON.parse(await text(child.stdout)) as { type: string; accuracy: number };
  expect(told).toEqual({ type: 'baseline', accuracy: expect.closeTo(0.925, 1.5) });
  expect(priority).toBe(19);
  await rm(cacheDirectory, { recursive: true });
}, 120_000);
