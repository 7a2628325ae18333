import { resolve } from 'node:path';

import { RoundId as Uuid } from '#protocol';
import { AuditLog } from '#storage/access';
import { inTransaction, openPool } from '#storage/database';

import { CliError, EXIT } from '../cli-error.js';
import { print } from '../output/print.js';
import { commandActor } from './command-actor.js';
import { withDatabase } from './with-database.js';

export interface RevokeDeviceOptions {
  readonly directory: string;
  readonly json?: boolean;
}

/** The issuer gives it no more tokens, from its next request on. Safe to repeat. */
export async function revokeDevice(id: string, options: RevokeDeviceOptions): Promise<void> {
  if (!Uuid.safeParse(id).success) throw new CliError(EXIT.usage, `"${id}" is no device's id.`);
  const found = await withDatabase(resolve(options.directory), async (adminUrl) => {
    const pool = openPool(adminUrl, { max: 1 });
    try {
      return await inTransaction(pool, async (client) => {
        const { rowCount } = await client.query('update identity.device set revoked = true where id = $1', [id]);
        const outcome = rowCount === 0 ? 'not_found' : 'done';
        // Not which: the coordinator reads the audit log, and knows no device.
        const note = { actor: commandActor(), act: 'device.revoke', subject: null, detail: { outcome } } as const;
        await new AuditLog(pool).add(note, client);
        return rowCount !== 0;
      });
    } finally {
      await pool.end();
    }
  });
  if (!found) throw new CliError(EXIT.failed, 'There is no such device.');
  print(options, { revoked: true }, () => 'It gets no more tokens; those it holds end with their epoch.');
}
