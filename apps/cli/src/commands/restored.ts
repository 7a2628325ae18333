import type { Command } from 'commander';

import { loadedLate } from './loaded-late.js';
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
  withExample(withJson(command), 'restored').action(
    loadedLate(async () => (await import('../admin/restored.js')).restored),
  );
}
