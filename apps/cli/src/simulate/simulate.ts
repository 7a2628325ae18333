import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { z } from 'zod';

import { CliError, EXIT } from '../cli-error.js';
import { Lifetime } from '../lifetime.js';
import { print } from '../output/print.js';
import { Screen } from '../output/screen.js';
import { startDeployment } from './deployment.js';
import { renderRound, renderRuns } from './progress.js';
import { NEEDS_DEPLOYMENT, runSimulation, type RoundTold, type ScenarioResult } from './simulation-process.js';

export interface SimulateOptions {
  readonly report?: string;
  readonly out?: string;
  /** every run once with each, whatever the file says */
  readonly seeds?: readonly number[];
  readonly cache: string;
  readonly json?: boolean;
}

/** Simulates what a file says, with a line a round, and prints a table in the end. */
export async function simulateFile(file: string, { report, out, cache, json, seeds }: SimulateOptions): Promise<void> {
  const scenario = await readJson(file);
  const screen = json === true ? undefined : new Screen(process.stdout);
  const config = {
    ...{ scenario: seeds === undefined ? scenario : { ...scenario, seeds }, cacheDirectory: resolve(cache) },
    ...(report === undefined ? {} : { report: resolve(report) }),
    ...(out === undefined ? {} : { out: resolve(out) }),
  };
  const onRound = (round: RoundTold): void => screen?.line(renderRound(round, screen.look));
  const result = await new Lifetime().run(async (lifetime) => {
    const result = await runSimulation(lifetime, { config, onRound });
    if (result !== NEEDS_DEPLOYMENT) return result;
    screen?.move('starting PostgreSQL, issuer, intake, coordinator and worker');
    const deployment = await startDeployment(lifetime);
    return (await runSimulation(lifetime, { config: { ...config, deployment }, onRound })) as ScenarioResult;
  });
  screen?.done();
  if (result !== undefined) print(json === true ? { json } : {}, result, () => summary(result));
}

function summary({ axes, means, files }: ScenarioResult): string {
  return ['', renderRuns(Object.keys(axes), means), ...(files.length === 0 ? [] : ['', ...files])].join('\n');
}

async function readJson(file: string): Promise<object> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CliError(EXIT.failed, `The file ${file} cannot be read.`);
  });
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    throw new CliError(EXIT.failed, `${file} is no JSON object.`);
  }
}
