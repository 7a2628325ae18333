import { auditLog, type LogReport } from '#client';
import { nodePlatform } from '#client/node';

import { CliError, EXIT } from '../cli-error.js';
import type { TalkOptions } from '../commands/options.js';
import { findCoordinator, withoutSlash } from '../find-coordinator.js';
import { bar } from '../output/progress.js';
import { print } from '../output/print.js';
import { Screen } from '../output/screen.js';
import { renderFacts } from '../output/table.js';
import { readRunning } from '../stack/running.js';
import { orCliError } from './client-errors.js';

export interface VerifyOptions extends TalkOptions {
  readonly deploymentKey?: string;
  readonly models: boolean;
}

/** Audits a whole log; exit code 1 where anything is wrong with it. */
export async function verifyLog(options: VerifyOptions): Promise<void> {
  const deploymentKey = options.deploymentKey ?? (await localKey(options));
  const { url } = await findCoordinator(options);
  const screen = new Screen(options.json === true ? { write: () => true } : process.stderr);
  const onProgress = (done: number, total: number): void =>
    screen.move(`log  ${bar(done / total).padEnd(10)}  ${done} of ${total} leaves and models`);
  const { models } = options;
  const report = await audit({ coordinator: url, deploymentKey, models, onProgress }).finally(() => screen.done());
  print(options, report, () => renderReport(report));
  if (report.problems.length > 0) process.exitCode = EXIT.failed;
}

export async function audit(plan: Parameters<typeof auditLog>[1]): Promise<LogReport> {
  const platform = nodePlatform();
  try {
    return await orCliError(auditLog({ ...platform, http: platform.http.coordinator }, plan));
  } finally {
    platform.close();
  }
}

/** Only for the Starling that runs here: a key that comes from the one who is audited proves nothing. */
async function localKey({ url, directory }: TalkOptions): Promise<string> {
  const running = await readRunning(directory);
  const named = url ?? (process.env['STARLING_URL'] || undefined);
  if (running !== undefined && (named === undefined || withoutSlash(named) === running.coordinator))
    return running.deploymentKey;
  if (named === undefined) throw new CliError(EXIT.nothingRunning, `Nothing is running in ${directory}: give a --url.`);
  throw new CliError(EXIT.usage, 'Say with --deployment-key which key devices pin: the log is checked with it.');
}

function renderReport({ problems, ...report }: LogReport): string {
  const facts = renderFacts([
    ['leaves', report.leaves],
    ['tree heads', `${report.heads}, root ${report.root}`],
    ['use cases', report.useCases],
    ['rounds', `${report.rounds} announced, ${report.results} with a result`],
    ['models', `${report.models} downloaded and hashed`],
  ]);
  const found = problems.map(({ position, what }) => `leaf ${position} is ${what}`);
  return `${facts}\n\n${problems.length === 0 ? 'All of it holds.' : `${problems.length} problems:\n${found.join('\n')}`}`;
}
