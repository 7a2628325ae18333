import type { Command } from 'commander';
import { z } from 'zod';

import { migrate, type RolePasswords } from '#storage/migrate';

import { readAdminEnvironment } from '../admin-environment.js';
import { print } from '../output/print.js';
import { withExample, withJson } from './options.js';

const password = z.string().min(1);

const MigrateConfig = z.object({
  /** of a role that may create roles and schemas */
  DATABASE_URL: z.string().min(1),
  ISSUER_DB_PASSWORD: password,
  INTAKE_DB_PASSWORD: password,
  COORDINATOR_DB_PASSWORD: password,
  WORKER_DB_PASSWORD: password,
});

export function addMigrate(program: Command): void {
  const command = program
    .command('migrate')
    .description('Bring a PostgreSQL of yours to this version: roles, tables, rights. Safe to run again')
    .addHelpText(
      'after',
      '\nIts environment: DATABASE_URL, of a role that may create roles and schemas; and the password that each\n' +
        'process is to have, ISSUER_DB_PASSWORD, INTAKE_DB_PASSWORD, COORDINATOR_DB_PASSWORD, WORKER_DB_PASSWORD.',
    );
  withExample(withJson(command), 'migrate').action(migrateDatabase);
}

async function migrateDatabase(options: { readonly json?: boolean }): Promise<void> {
  const { url, passwords } = readEnvironment();
  await migrate(url, passwords);
  print(options, { migrated: true }, () => 'The database is at this version.');
}

function readEnvironment(): { url: string; passwords: RolePasswords } {
  const env = readAdminEnvironment(MigrateConfig);
  const passwords = {
    issuer: env.ISSUER_DB_PASSWORD,
    intake: env.INTAKE_DB_PASSWORD,
    coordinator: env.COORDINATOR_DB_PASSWORD,
    worker: env.WORKER_DB_PASSWORD,
  };
  return { url: env.DATABASE_URL, passwords };
}
