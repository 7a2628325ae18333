import type { Command } from 'commander';

import type { SimulateOptions } from '../simulate/simulate.js';
import { withExample, withJson } from './options.js';

export function addSimulate(program: Command): void {
  const simulate = program
    .command('simulate')
    .argument('<scenario.json>')
    .description(
      'Run rounds of simulated devices without servers: partitions, dropouts, attackers, noise, side by side',
    )
    .option('--report <file.html>', 'write a page with tables and plots')
    .option('--out <directory>', 'write metrics.json and metrics.csv')
    .option('--cache <directory>', 'keeps the parsed data set', '.cache');
  withExample(
    withJson(simulate),
    'simulate examples/scenarios/attacks.json --report attacks.html --out ./attacks',
  ).action(async (file: string, options: SimulateOptions) => {
    const { simulateFile } = await import('../simulate/simulate.js');
    await simulateFile(file, options);
  });
}
