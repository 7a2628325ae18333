import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from '@jest/globals';

import { chooseBackend } from '#tensorflow';

import { TrainingPool } from '../training/index.js';
import { readScenario } from './scenario.js';
import { simulateScenario } from './simulate-scenario.js';

/** docs/robustness.md recommends it. */
const RECOMMENDED = 'MultiKrum';
const SCENARIO = new URL('../../../../../examples/scenarios/attacks.json', import.meta.url);

interface ScenarioFile {
  readonly runs: { readonly attack: Record<string, object>; readonly strategy: Record<string, object> };
}

/** The scenario of the documentation, with a smaller model, fewer rounds, and only the runs that are compared. */
async function small() {
  const file = JSON.parse(await readFile(SCENARIO, 'utf8')) as ScenarioFile;
  const attacks = Object.keys(file.runs.attack).filter((name) => name.endsWith(', 10 %'));
  const compared = [
    ['clean', {}],
    ['mean, sign flip', file.runs.attack['sign flip ×10, 10 %']!],
    ...attacks.map((name) => [name, { ...file.runs.attack[name], ...file.runs.strategy[RECOMMENDED] }] as const),
  ] as const;
  const runs = { run: Object.fromEntries(compared) };
  return { attacks, plan: readScenario({ ...file, task: 'digits-softmax', rounds: 6, centralised: false, runs }) };
}

// Kills: a Multi-Krum that selects the farthest, or all; attackers whose updates do not reach the cohort (then the mean
// would not suffer); a poisoned device that trains on its own labels.
it('[SCN11] the recommended default stays within two points of the clean mean at 10 % attackers, whatever the attack', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'robustness-'));
  await chooseBackend();
  const pool = new TrainingPool(2);
  const { attacks, plan } = await small();
  const { runs } = await simulateScenario(plan, { pool, cacheDirectory: directory });
  await pool.close();
  await rm(directory, { recursive: true });

  const run = (name: string) => runs.find(({ labels }) => labels['run'] === name)!;
  const clean = run('clean').accuracy;
  expect(clean).toBeGreaterThan(0.8);
  expect(run('mean, sign flip').accuracy).toBeLessThan(clean - 0.05);
  expect(attacks).toHaveLength(6);
  const losses = attacks.map((name) => [name, clean - run(name).accuracy] as const);
  expect(losses.filter(([, lost]) => lost > 0.02)).toEqual([]);
  for (const name of ['backdoor, 10 %', 'backdoor ×5, 10 %']) expect(run(name).attackSuccess).toBeLessThan(0.1);
}, 300_000);
