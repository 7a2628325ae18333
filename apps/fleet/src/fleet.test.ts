import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bytesToHex } from '@noble/hashes/utils.js';

import { TestStarling } from '#client/testing';
import { FIGURES_BYTES } from '#learning';
import type { FleetConfig } from './config.js';
import type { FleetReport } from './report.js';
import { initialParameters, MODELS } from './training/index.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const DEVICES = 8;

let starling: TestStarling;
let cacheDirectory: string;
let fleet: ChildProcess | undefined;
const startStarling = (): Promise<TestStarling> => {
  const { layout } = MODELS.cnn;
  const changes = { layout, kMin: 4, clipMicros: 10_000_000, chunkBytes: 8192 };
  return TestStarling.start(changes, initialParameters('cnn', 3));
};
beforeEach(async () => {
  starling = await startStarling();
});
beforeAll(async () => {
  cacheDirectory = await mkdtemp(join(tmpdir(), 'starling-fleet-'));
});
afterAll(() => rm(cacheDirectory, { recursive: true }));
afterEach(async () => {
  fleet?.kill('SIGKILL');
  await starling.close();
});

/** Starts the process and collects its reports; `until` waits for one. */
function start(changes: Partial<FleetConfig>) {
  const { code, ...urls } = starling.settings;
  const base = { codes: code, devices: DEVICES, seed: 3, alpha: 0.5, model: 'cnn', rounds: 2, misbehave: true };
  const training = { localEpochs: 1, batchSize: 64, learningRate: 0.1 };
  const STARLING_FLEET = JSON.stringify({ ...urls, ...base, training, cacheDirectory, ...changes });
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], STARLING_FLEET },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  fleet = child;
  const reports: FleetReport[] = [];
  createInterface(child.stdout!).on('line', (line) => reports.push(JSON.parse(line) as FleetReport));
  const until = async (type: FleetReport['type'], count = 1): Promise<FleetReport[]> => {
    for (;;) {
      const found = reports.filter((report) => report.type === type);
      if (found.length >= count) return found;
      if (child.exitCode !== null) throw new Error(`the fleet ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, until };
}

function openRound(slot: number): void {
  starling.coordinator.open(starling.deployment.record(5, slot));
}

/** SHA-256 of the set of accepted payloads, whatever their order. */
const updates = (): string[] => [...starling.intake.accepted.values()].map(({ payload }) => bytesToHex(payload)).sort();

describe('the fleet process', () => {
  // Kills: a cheat that is honest by mistake, or that the server lets through.
  it('[FLT3] [FLT4] takes part in every round; exactly the honest updates are accepted', async () => {
    const { child, until } = start({});
    const [prefetched] = await until('prefetched');
    expect(prefetched).toEqual({ type: 'prefetched', devices: DEVICES, tokens: 3 * DEVICES });
    for (const slot of [0, 1]) {
      openRound(slot);
      const rounds = await until('round', slot + 1);
      const position = slot + 1;
      const tally = { accepted: DEVICES - 3, refused: {}, skipped: {}, failed: {} };
      expect(rounds[slot]).toEqual({ type: 'round', position, epoch: 5, slot, ...tally });
      expect(starling.intake.accepted.size).toBe((DEVICES - 3) * position);
    }
    const answers = (await until('misbehaved', 8)).map((report) => [
      report.type === 'misbehaved' && report.kind,
      report,
    ]);
    expect(Object.fromEntries(answers)).toMatchObject({
      double_spend: { code: 'token_spent' },
      vanished: { code: null },
      wrong_shape: { code: 'wrong_length' },
      forged_token: { code: 'invalid_token' },
    });
    await until('done');
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });

  // Kills: a device that measures on what it trains on; a cheat whose trick is another one in a round that measures.
  it('[EVL13] measures on what each device keeps out of training; cheats are told what they always are', async () => {
    const { until } = start({ rounds: 1 });
    await until('prefetched');
    starling.coordinator.open(starling.deployment.record(5, 0, { evaluation: { lossBound: 10 } }));
    const [round] = await until('round');
    const tally = { accepted: DEVICES - 3, refused: {}, skipped: {}, failed: {} };
    expect(round).toEqual({ type: 'round', position: 1, epoch: 5, slot: 0, evaluation: true, ...tally });
    const figures = [...starling.intake.accepted.values()].map(({ payload }) => payload);
    expect(figures.map(({ length }) => length)).toEqual(Array.from({ length: DEVICES - 3 }, () => FIGURES_BYTES));
    // An untrained model of ten classes has a loss of ln 10 or a little more: 230 thousandths of the bound.
    for (const bytes of figures) expect(bytes[0]! + 256 * bytes[1]!).toBeGreaterThan(200);
    const answers = (await until('misbehaved', 4)).map((report) =>
      report.type === 'misbehaved' ? [report.kind, report.code] : [],
    );
    const codes = {
      double_spend: 'token_spent',
      vanished: null,
      wrong_shape: 'wrong_length',
      forged_token: 'invalid_token',
    };
    expect(Object.fromEntries(answers)).toEqual(codes);
  });

  // Kills: seeding training by anything that depends on time.
  it('[FLT5] makes the same updates again for the same seed', async () => {
    const runs: string[][] = [];
    for (const devices of [5, 5]) {
      const { until } = start({ devices, misbehave: false, rounds: 1 });
      await until('prefetched');
      openRound(0);
      await until('done');
      runs.push(updates());
      fleet?.kill('SIGKILL');
      await starling.close();
      starling = await startStarling();
    }
    expect(runs[0]).toHaveLength(5);
    expect(runs[1]).toEqual(runs[0]);
  });

  it('[FLT6] ends with 0 on SIGTERM, also while it waits', async () => {
    const { child, until } = start({ devices: 5, misbehave: false });
    await until('prefetched');
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  });

  it('[FLT6] says why and ends with 1 where its devices are not let in', async () => {
    const { child } = start({ devices: 5, codes: 'wrong' });
    const [why] = (await once(child.stderr!, 'data')) as [Buffer];
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(1);
    expect(why.toString()).toContain('invalid_code');
  });
});
