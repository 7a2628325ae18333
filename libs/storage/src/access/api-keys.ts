import type { ApiKeyView, Scope } from '#protocol';

import type { Pool, Queryable } from '../database/index.js';

export interface ApiKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** Researchers' keys, by the SHA-256 of the secret: a dump of the table opens nothing. */
export class ApiKeys {
  constructor(private readonly pool: Pool) {}

  async add(keyHash: Uint8Array, { name, scopes }: ApiKey, within: Queryable = this.pool): Promise<void> {
    await within.query(
      'insert into access.api_key (key_hash, name, scopes) values ($1, $2, $3) on conflict do nothing',
      [keyHash, name, scopes],
    );
  }

  /** Oldest first, revoked ones too. */
  async list(): Promise<ApiKeyView[]> {
    const { rows } = await this.pool.query<ApiKeyView>(
      `select left(encode(key_hash, 'hex'), 16) as id, name, scopes, revoked,
              to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt"
         from access.api_key order by created_at, key_hash`,
    );
    return rows;
  }

  /** @param id  first 8 bytes of its hash, hex @returns whether there is such a key */
  async revoke(id: string, within: Queryable = this.pool): Promise<boolean> {
    const { rowCount } = await within.query(
      "update access.api_key set revoked = true where left(encode(key_hash, 'hex'), 16) = $1",
      [id],
    );
    return rowCount !== 0;
  }

  async find(keyHash: Uint8Array): Promise<ApiKey | undefined> {
    const { rows } = await this.pool.query<ApiKey>(
      'select name, scopes from access.api_key where key_hash = $1 and not revoked',
      [keyHash],
    );
    return rows[0];
  }
}

/** Codes by which devices enrol: the coordinator makes them, only the issuer can look one up. */
export class EnrolmentCodes {
  constructor(private readonly pool: Pool) {}

  async add(codeHash: Uint8Array, useCase: string, uses: number, validSeconds: number): Promise<void> {
    await this.pool.query("select identity.add_enrolment_code($1, $2, $3, $4 * interval '1 second')", [
      codeHash,
      useCase,
      uses,
      validSeconds,
    ]);
  }

  /** @returns whether there is such a code */
  async revoke(codeHash: Uint8Array): Promise<boolean> {
    const { rows } = await this.pool.query<{ revoked: boolean }>(
      'select identity.revoke_enrolment_code($1) as revoked',
      [codeHash],
    );
    return rows[0]!.revoked;
  }
}
