import type { Command } from 'commander';

import type { UpOptions } from '../stack/up.js';
import { DIRECTORY, withExample, withJson } from './options.js';

export function addUp(program: Command): void {
  const command = program
    .command('up')
    .description('Start a whole Starling on this machine: PostgreSQL, issuer, intake, coordinator, worker')
    .option('--directory <path>', 'keeps everything: database, secrets, models, logs', DIRECTORY);
  withExample(withJson(command), 'up', 'up --directory /srv/starling').action(async (options: UpOptions) => {
    const { up } = await import('../stack/up.js'); // half a second that other commands need not wait
    const { Lifetime } = await import('../lifetime.js');
    await new Lifetime().run((lifetime) => up(options, lifetime));
  });
}
