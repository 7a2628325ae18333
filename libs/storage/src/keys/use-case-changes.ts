import type { UseCaseChange, UseCaseDraft } from '#protocol';

import type { Pool, Queryable } from '../database/index.js';

/** A use case as it will be: with all changes so far, those of the next epoch too. */
export interface Latest {
  readonly draft: UseCaseDraft;
  /** the epoch that the next change is from; null before the use case is live */
  readonly nextEpoch: number | null;
}

/** What changed of live use cases, each from the start of an epoch on. */
export class UseCaseChanges {
  constructor(private readonly pool: Pool) {}

  /**
   * Until the transaction ends nobody else changes it. Who only refers to it goes on: somebody that notes an epoch's
   * beginning does, and we may wait for that here.
   *
   * @returns undefined where there is none of this id
   */
  async lock(useCase: string, within: Queryable): Promise<Latest | undefined> {
    await within.query('select from keys.use_case where id = $1 for no key update', [useCase]);
    const { rows } = await within.query<Latest>(
      `select keys.draft_at(u.id, c.epoch + 1) as draft, c.epoch + 1 as "nextEpoch"
         from keys.use_case u cross join lateral (select keys.current_epoch(u.id)) as c (epoch) where u.id = $1`,
      [useCase],
    );
    return rows[0];
  }

  async add(useCase: string, { fromEpoch, fields }: UseCaseChange, within: Queryable): Promise<void> {
    await within.query('insert into keys.change (use_case, from_epoch, fields) values ($1, $2, $3)', [
      useCase,
      fromEpoch,
      JSON.stringify(fields),
    ]);
  }

  /** Oldest first. */
  async list(useCase: string): Promise<UseCaseChange[]> {
    const { rows } = await this.pool.query<UseCaseChange>(
      'select from_epoch as "fromEpoch", fields from keys.change where use_case = $1 order by number',
      [useCase],
    );
    return rows;
  }
}
