import type { Command } from 'commander';

import { loadedLate } from './loaded-late.js';
import { withExample, withJson } from './options.js';

export function addMigrate(program: Command): void {
  const command = program
    .command('migrate')
    .description('Bring a PostgreSQL of yours to this version: roles, tables, rights. Safe to run again')
    .addHelpText(
      'after',
      '\nIts environment: DATABASE_URL, of a role that may create roles and schemas; and the password that each\n' +
        'process is to have, ISSUER_DB_PASSWORD, INTAKE_DB_PASSWORD, COORDINATOR_DB_PASSWORD, WORKER_DB_PASSWORD.',
    );
  withExample(withJson(command), 'migrate').action(
    loadedLate(async () => (await import('../admin/migrate.js')).migrateDatabase),
  );
}
