import { resolve } from 'node:path';

import { CliError, EXIT } from '../cli-error.js';
import { print } from '../output/print.js';
import { readRunning } from '../stack/running.js';
import { lookAtDatabase } from './database.js';
import { lookAtLocks, lookAtSecrets, lookAtTls } from './files.js';
import { looking, type Finding } from './finding.js';
import { lookAtDisk, lookAtEngines, lookAtNode, lookAtPorts } from './machine.js';
import { lookAtProcesses } from './processes.js';

export interface DoctorOptions {
  readonly directory: string;
  readonly json?: boolean;
}

/** Says what is wrong with a set-up, and what to do next. Changes nothing. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const findings = await examine(resolve(options.directory));
  print(options, { findings }, () => render(findings));
  const count = findings.filter(({ verdict }) => verdict === 'bad').length;
  if (count > 0) throw new CliError(EXIT.failed, `${count === 1 ? 'One thing is' : `${count} things are`} wrong.`);
}

async function examine(directory: string): Promise<Finding[]> {
  const isRunning = (await readRunning(directory)) !== undefined;
  const looks: readonly (readonly [string, () => Promise<readonly Finding[]>])[] = [
    ['Node', async () => lookAtNode()],
    ['libsodium', lookAtEngines],
    ['disk', () => lookAtDisk(directory)],
    ['ports', () => lookAtPorts(isRunning)],
    ['lock', () => lookAtLocks(directory)],
    ['secrets', () => lookAtSecrets(directory)],
    ['TLS', () => lookAtTls(process.env, Date.now())],
    ['database', () => lookAtDatabase(directory, Date.now)],
    ['processes', () => lookAtProcesses(directory, Date.now)],
  ];
  return (await Promise.all(looks.map(([name, look]) => looking(name, look)))).flat();
}

export function render(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map(({ check, verdict, message, next }) => {
      const line = `${verdict.padEnd(4)}  ${check.padEnd(width)}  ${message}`;
      return next === undefined ? line : `${line}\n${' '.repeat(width + 8)}${next}`;
    })
    .join('\n');
}
