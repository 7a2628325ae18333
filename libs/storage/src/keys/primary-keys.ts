import type { Pool } from '../database/index.js';

/** A use case that waits for its primary key: the issuer's turn. */
export interface UnkeyedDraft {
  readonly useCase: string;
  readonly suite: string;
}

export interface WrappedKey {
  readonly id: string;
  readonly useCase: string;
  readonly suite: string;
  readonly wrapped: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Wrapped primary keys: the issuer adds them, issuer and intake read them. */
export class PrimaryKeys {
  constructor(private readonly pool: Pool) {}

  async missing(): Promise<UnkeyedDraft[]> {
    const { rows } = await this.pool.query<UnkeyedDraft>(
      `select u.id as "useCase", u.draft ->> 'suite' as suite from keys.use_case u
        where u.state = 'draft' and not exists (select from keys.primary_key k where k.use_case = u.id)`,
    );
    return rows;
  }

  /** Of several issuers that try at once, one key stays. */
  async add(key: Omit<WrappedKey, 'id'>): Promise<void> {
    await this.pool.query(
      'insert into keys.primary_key (use_case, suite, wrapped, public_key) values ($1, $2, $3, $4) on conflict do nothing',
      [key.useCase, key.suite, key.wrapped, key.publicKey],
    );
  }

  async of(useCase: string): Promise<WrappedKey | undefined> {
    const { rows } = await this.pool.query<WrappedKey>(
      `select id, use_case as "useCase", suite, wrapped, public_key as "publicKey"
         from keys.primary_key where use_case = $1 order by first_epoch desc limit 1`,
      [useCase],
    );
    return rows[0];
  }
}
