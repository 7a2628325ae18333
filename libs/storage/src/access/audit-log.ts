import type { AuditNote, AuditPage, AuditEntry } from '#protocol';

import { inTransaction, type Client, type Pool, type Queryable } from '../database/index.js';
import { iso } from './iso.js';

/** Who did what, in order. Nothing in it is ever changed: the database refuses. */
export class AuditLog {
  constructor(private readonly pool: Pool) {}

  /** Adds an entry, where need be in the transaction of the act that it is about. */
  async add(note: AuditNote, within: Queryable = this.pool): Promise<void> {
    const { actor, act, subject, detail } = note;
    await within.query(
      'insert into access.audit (actor_kind, actor_name, act, subject, detail) values ($1, $2, $3, $4, $5)',
      [actor.kind, actor.name, act, subject, JSON.stringify(detail)],
    );
  }

  /** An act and its entry, both or neither. `work` says what to write, once it knows how it ended. */
  together<T>(work: (client: Client) => Promise<{ readonly result: T; readonly note: AuditNote }>): Promise<T> {
    return inTransaction(this.pool, async (client) => {
      const { result, note } = await work(client);
      await this.add(note, client);
      return result;
    });
  }

  /** @param before  an entry's id: those older than it */
  async page(before: number | undefined, limit: number): Promise<AuditPage> {
    const { rows } = await this.pool.query<AuditEntry>(
      `select id::float8 as id, ${iso('at')} as at, json_build_object('kind', actor_kind, 'name', actor_name) as actor,
              act, subject, detail
         from access.audit where id < $1 order by access.audit.id desc limit $2`,
      [before ?? Number.MAX_SAFE_INTEGER, limit + 1],
    );
    const entries = rows.slice(0, limit);
    return { entries, next: rows.length > limit ? entries.at(-1)!.id : null };
  }
}
