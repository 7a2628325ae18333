import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { announceReady, stopOnSignals } from '#process';
import { chooseBackend } from '#tensorflow';

import { EnrolmentPool } from '../enrolment-pool.js';
import { TrainingPool } from '../training/index.js';
import { SimulationConfig } from './config.js';
import { toCsv } from './report/csv.js';
import { toHtml } from './report/html.js';
import { readScenario } from './scenario.js';
import { needsProcesses, simulateScenario, type ScenarioResult } from './simulate-scenario.js';

/* Simulates a scenario. Standard output is a JSON object a line: of each round, each run, and in the end all there is. */

const stop = stopOnSignals(async () => void (await Promise.all(pools.map((pool) => pool.close()))), { graceMs: 3000 });
const pools: { close(): Promise<void> }[] = [];
try {
  await simulate(SimulationConfig.parse(JSON.parse(process.env['STARLING_SIMULATION'] ?? 'null')));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
// A supervisor takes an end it did not ask for as a crash: then wait for its signal.
if (process.send === undefined) stop();

async function simulate({ scenario, cacheDirectory, deployment, ...files }: SimulationConfig): Promise<void> {
  const plan = readScenario(scenario);
  const { name: backend } = await chooseBackend();
  const pool = open(new TrainingPool());
  if (process.send !== undefined) announceReady({ name: 'simulation', port: 0 });
  // Only who reads the scenario knows, and nothing is started for one that is bad.
  if (needsProcesses(plan) && deployment === undefined) return say({ type: 'needs_deployment' });
  const result = await simulateScenario(plan, {
    ...{ pool, cacheDirectory },
    ...(deployment === undefined ? {} : { processes: { deployment, enroller: open(new EnrolmentPool()) } }),
    onRound: (run, metrics) => say({ type: 'round', run: run.name, rounds: run.settings.rounds, ...metrics }),
    onRun: (run, { seconds }) => say({ type: 'run', run: run.name, of: plan.runs.length, seconds }),
  });
  const written = await writeFiles(result, files);
  say({ type: 'done', result: { ...result, backend, files: written } });
}

function open<Pool extends { close(): Promise<void> }>(pool: Pool): Pool {
  pools.push(pool);
  return pool;
}

async function writeFiles(
  result: ScenarioResult,
  { out, report }: Pick<SimulationConfig, 'out' | 'report'>,
): Promise<string[]> {
  const files = [
    ...(out === undefined ? [] : [[join(out, 'metrics.json'), `${JSON.stringify(result, null, 1)}\n`] as const]),
    ...(out === undefined ? [] : [[join(out, 'metrics.csv'), toCsv(result)] as const]),
    ...(report === undefined ? [] : [[report, toHtml(result)] as const]),
  ];
  for (const [file, text] of files) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return files.map(([file]) => file);
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
