import type { Command } from 'commander';

import { loadedLate } from './loaded-late.js';
import { DIRECTORY, withExample, withJson } from './options.js';

const ENVIRONMENT =
  '\nWith DATABASE_URL set, of the role that owns the tables, it is that PostgreSQL; else the one in the directory.';

export function addBackup(program: Command): void {
  const command = program
    .command('backup')
    .description('Database and models as they are at one moment, in one file of mode 600; also while it runs')
    .requiredOption('--to <path>', 'a new file, or a directory to put one into')
    .option('--directory <path>', 'of a Starling on this machine', DIRECTORY)
    .option('--models <path>', 'where models are kept (default: models in the directory)')
    .option('--with-secrets', 'also all keys and passwords: who has this file has the deployment')
    .addHelpText('after', ENVIRONMENT);
  withExample(withJson(command), 'backup --to /srv/backups').action(
    loadedLate(async () => (await import('../admin/backup.js')).backup),
  );
}

export function addRestore(program: Command): void {
  const command = program
    .command('restore')
    .description('A backup into an empty deployment; tokens that may have been spent since are refused from then on')
    .requiredOption('--from <file>', 'what "starling backup" made')
    .option('--directory <path>', 'where the Starling is to be; without a database yet', DIRECTORY)
    .option('--models <path>', 'where models are kept (default: models in the directory)')
    .addHelpText('after', `${ENVIRONMENT}\nFor a PostgreSQL of yours run "starling migrate" afterwards.`);
  withExample(withJson(command), 'restore --from starling.backup --directory ./data').action(
    loadedLate(async () => (await import('../admin/restore.js')).restore),
  );
}
