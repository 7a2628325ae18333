import { z } from 'zod';

import { Incarnation } from '#storage/migrate';

import { print } from '../output/print.js';
import { describeRestore } from '../stack/restore-guard.js';
import { readAdminEnvironment } from './admin-environment.js';
import { noteCommand } from './note-command.js';

/** What a restored database needs that no launcher watches. Safe to repeat. */
export async function restored(options: { readonly json?: boolean }): Promise<void> {
  const { DATABASE_URL } = readAdminEnvironment(z.object({ DATABASE_URL: z.string().min(1) }));
  const incarnation = new Incarnation(DATABASE_URL);
  try {
    const retired = await incarnation.retireAllEpochs();
    await incarnation.raise();
    await noteCommand(DATABASE_URL, 'deployment.restore');
    print(options, { retired }, () => describeRestore(retired));
  } finally {
    await incarnation.close();
  }
}
