import type { Command } from 'commander';

import { loadedLate } from './loaded-late.js';
import { whole, withExample, withJson } from './options.js';

const seeds = (list: string): number[] => list.split(',').map(whole(0));

export function addSimulate(program: Command): void {
  const simulate = program
    .command('simulate')
    .argument('<scenario.json>')
    .description(
      'Run rounds of simulated devices side by side, in memory or through real processes: partitions, attackers, noise',
    )
    .option('--report <file.html>', 'write a page with tables and plots')
    .option('--out <directory>', 'write metrics.json and metrics.csv')
    .option(
      '--seeds <list>',
      'run everything once with each of these seeds, for example 1,2,3; figures are means',
      seeds,
    )
    .option('--cache <directory>', 'keeps the parsed data set', '.cache');
  withExample(
    withJson(simulate),
    'simulate examples/scenarios/attacks.json --report attacks.html --out ./attacks',
  ).action(loadedLate(async () => (await import('../simulate/simulate.js')).simulateFile));
}
