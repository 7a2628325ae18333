import type { AuditNote, AuditPage, AuditEntry } from '#protocol';

import { inTransaction, type Client, type Pool, type Queryable } from '../database/index.js';
import { iso } from './iso.js';

/** A subject that looks like a round's id may still be of nothing: of a request that was refused. */
const SELECT_PAGE = `
  select a.id::float8 as id, ${iso('a.at')} as at, json_build_object('kind', a.actor_kind, 'name', a.actor_name) as actor,
         a.act, a.subject, a.detail,
         case when r.id is not null then json_build_object('useCase', r.use_case, 'round', r.sequence) end as round
    from access.audit a
    left join rounds.round r
      on r.id = case when a.act like 'round.%' and a.subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then a.subject::uuid end
   where a.id < $1 order by a.id desc limit $2`;

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
    const { rows } = await this.pool.query<AuditEntry>(SELECT_PAGE, [before ?? Number.MAX_SAFE_INTEGER, limit + 1]);
    const entries = rows.slice(0, limit);
    return { entries, next: rows.length > limit ? entries.at(-1)!.id : null };
  }
}
