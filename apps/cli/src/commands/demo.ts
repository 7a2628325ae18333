import type { Command } from 'commander';

import { FEWEST_DEVICES, MOST_DEVICES, MOST_ROUNDS } from '../demo/settings.js';
import { loadedLate } from './loaded-late.js';
import { choice, DIRECTORY, positive, share, whole, withExample, withJson } from './options.js';

export function addDemo(program: Command): void {
  const demo = program
    .command('demo')
    .description('Start everything, have simulated devices train a model on handwritten digits, four of them cheating')
    .option('--once', 'stop everything at the end; exit with 1 if the goal was missed or a cheat got through')
    .option('--devices <n>', 'simulated devices', whole(FEWEST_DEVICES, MOST_DEVICES), 50)
    .option('--rounds <n>', 'rounds (default: enough for 90 %)', whole(1, MOST_ROUNDS))
    .option(
      '--alpha <number>',
      'how evenly digits are dealt out: 0.1 leaves a device one or two, 100 all ten',
      positive,
      0.5,
    )
    .option('--seed <n>', 'the same seed gives the same model, bit by bit', whole(0), 1)
    .addOption(choice('--model <name>', 'what to train', ['mlp', 'cnn']).default('mlp'))
    .option('--goal <share>', 'accuracy to reach', share, 0.9)
    .option('--directory <path>', 'keeps everything: database, secrets, models, logs', DIRECTORY);
  withExample(withJson(demo), 'demo', 'demo --once --devices 20 --seed 7').action(
    loadedLate(async () => (await import('../demo/demonstrate.js')).demonstrate),
  );
}
