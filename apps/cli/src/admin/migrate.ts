import { z } from 'zod';

import { migrate } from '#storage/migrate';

import { print } from '../output/print.js';
import { readAdminEnvironment } from './admin-environment.js';

const password = z.string().min(1);

const MigrateConfig = z.object({
  /** of a role that may create roles and schemas */
  DATABASE_URL: z.string().min(1),
  ISSUER_DB_PASSWORD: password,
  INTAKE_DB_PASSWORD: password,
  COORDINATOR_DB_PASSWORD: password,
  WORKER_DB_PASSWORD: password,
});

export async function migrateDatabase(options: { readonly json?: boolean }): Promise<void> {
  const env = readAdminEnvironment(MigrateConfig);
  await migrate(env.DATABASE_URL, {
    issuer: env.ISSUER_DB_PASSWORD,
    intake: env.INTAKE_DB_PASSWORD,
    coordinator: env.COORDINATOR_DB_PASSWORD,
    worker: env.WORKER_DB_PASSWORD,
  });
  print(options, { migrated: true }, () => 'The database is at this version.');
}
