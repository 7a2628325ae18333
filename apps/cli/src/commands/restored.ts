import type { Command } from 'commander';
import { z } from 'zod';

import { Incarnation } from '#storage/migrate';

import { readAdminEnvironment } from '../admin-environment.js';
import { print } from '../output/print.js';
import { describeRestore } from '../stack/restore-guard.js';
import { withExample, withJson } from './options.js';

export function addRestored(program: Command): void {
  const command = program
    .command('restored')
    .description(
      'After restoring a PostgreSQL of yours from a backup, before the processes start: refuse all tokens that may be out',
    )
    .addHelpText(
      'after',
      '\nIts environment: DATABASE_URL, of the role that migrates.\n"starling up" does this by itself.',
    );
  withExample(withJson(command), 'restored').action(retireAll);
}

async function retireAll(options: { readonly json?: boolean }): Promise<void> {
  const { DATABASE_URL } = readAdminEnvironment(z.object({ DATABASE_URL: z.string().min(1) }));
  const incarnation = new Incarnation(DATABASE_URL);
  try {
    const retired = await incarnation.retireAllEpochs();
    await incarnation.raise();
    print(options, { retired }, () => describeRestore(retired));
  } finally {
    await incarnation.close();
  }
}
