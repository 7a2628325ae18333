import type { Command } from 'commander';

import { findCoordinator } from '../find-coordinator.js';
import { exportMetrics, FORMATS, type MetricsFormat } from '../metrics/export-metrics.js';
import { print } from '../output/print.js';
import { choice, withConnection, withExample, type TalkOptions } from './options.js';

interface ExportOptions extends TalkOptions {
  readonly format: MetricsFormat;
  readonly out: string;
}

export function addMetrics(program: Command): void {
  const metrics = program.command('metrics').description('What rounds came to, for other programs');
  const exporting = metrics
    .command('export')
    .argument('<use-case>')
    .description('Write figures, counts, update norms and times of all rounds that are over into a file')
    .addOption(choice('--format <format>', 'tensorboard: an event file', FORMATS).default('csv'))
    .requiredOption('--out <directory>', 'where the file goes');
  withExample(
    withConnection(exporting),
    'metrics export digits --out ./metrics',
    'metrics export digits --format tensorboard --out ./runs/digits',
  ).action(exportAll);
}

async function exportAll(useCase: string, options: ExportOptions): Promise<void> {
  const metrics = await (await findCoordinator(options)).findMetrics(useCase);
  const file = await exportMetrics(metrics, options.format, options.out);
  const rounds = metrics.rounds.length;
  print(options, { file, rounds }, () => `${file}: ${rounds} rounds`);
}
