import type { Pool } from '../database/index.js';

/** An epoch that is, or will be, issued for and whose slots' public keys nobody has written down. */
export interface UnderivedEpoch {
  readonly useCase: string;
  readonly epoch: number;
}

/** Public keys of slots, for suites whose derived keys devices have to find in the log. */
export class DerivedKeyLists {
  constructor(private readonly pool: Pool) {}

  /**
   * The current epochs and the next of live use cases with one of these suites.
   *
   * @param suites  ids
   */
  async missing(suites: readonly string[]): Promise<UnderivedEpoch[]> {
    const { rows } = await this.pool.query<UnderivedEpoch>(
      `select u.id as "useCase", e.epoch
         from keys.use_case u
         cross join lateral (select keys.current_epoch(u.id)) as c (current)
         cross join lateral generate_series(c.current, c.current + 1) as e (epoch)
        where u.state = 'live' and u.draft ->> 'suite' = any ($1)
          and not exists (select from keys.derived_keys d where d.use_case = u.id and d.epoch = e.epoch)
        order by u.id, e.epoch`,
      [suites],
    );
    return rows;
  }

  /** Of several issuers that try at once, one list stays; they are equal. */
  async add(useCase: string, epoch: number, publicKeys: readonly Uint8Array[]): Promise<void> {
    await this.pool.query(
      'insert into keys.derived_keys (use_case, epoch, public_keys) values ($1, $2, $3) on conflict do nothing',
      [useCase, epoch, publicKeys],
    );
  }

  /** In the order of the slots; undefined where there is no list (yet). */
  async find(useCase: string, epoch: number): Promise<Uint8Array[] | undefined> {
    const { rows } = await this.pool.query<{ publicKeys: Uint8Array[] }>(
      'select public_keys as "publicKeys" from keys.derived_keys where use_case = $1 and epoch = $2',
      [useCase, epoch],
    );
    return rows[0]?.publicKeys;
  }
}
