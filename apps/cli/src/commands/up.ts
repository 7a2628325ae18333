import type { Command } from 'commander';

import { loadedLate } from './loaded-late.js';
import { DIRECTORY, withExample, withJson } from './options.js';

export function addUp(program: Command): void {
  const command = program
    .command('up')
    .description('Start a whole Starling on this machine: PostgreSQL, issuer, intake, coordinator, worker')
    .option('--directory <path>', 'keeps everything: database, secrets, models, logs', DIRECTORY);
  withExample(withJson(command), 'up', 'up --directory /srv/starling').action(
    loadedLate(async () => (await import('../stack/up.js')).up),
  );
}
