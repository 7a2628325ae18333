import type { Act, AuditDetail } from '#protocol';
import { AuditLog } from '#storage/access';
import { openPool } from '#storage/database';

import { commandActor } from './command-actor.js';

/** Writes down what a command did to the deployment as a whole. A database of before there was an audit log gets none. */
export async function noteCommand(databaseUrl: string, act: Act, detail: AuditDetail = {}): Promise<void> {
  const pool = openPool(databaseUrl, { max: 1 });
  try {
    const { rows } = await pool.query<{ has: boolean }>("select to_regclass('access.audit') is not null as has");
    if (!rows[0]!.has) return;
    await new AuditLog(pool).add({
      actor: commandActor(),
      act,
      subject: null,
      detail: { ...detail, outcome: 'done' },
    });
  } finally {
    await pool.end();
  }
}
