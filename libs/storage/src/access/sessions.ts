import type { AccountView } from '#protocol';

import type { Pool, Queryable } from '../database/index.js';
import { ACCOUNT_VIEW, type AccountSecret } from './accounts.js';

/** Whoever is signed in is looked up at every request; a row is written for it once a minute at most. */
const FIND = `
  with good as (
    select s.token_hash, s.account, s.seen_at from access.session s join access.account a on a.id = s.account
     where s.token_hash = $1 and access.is_good(s) and a.disabled_at is null
  ), seen as (
    update access.session s set seen_at = now() from good
     where s.token_hash = good.token_hash and good.seen_at < now() - interval '1 minute'
  ), noted as (
    update access.account a set last_seen_at = now() from good
     where a.id = good.account and (a.last_seen_at is null or a.last_seen_at < now() - interval '1 minute')
  )
  select ${ACCOUNT_VIEW} from access.account a join good on good.account = a.id`;

/** Who is signed in where: by the SHA-256 of what the browser holds. Twelve hours unused or seven days in all end one. */
export class Sessions {
  constructor(private readonly pool: Pool) {}

  /** @returns false where the account was disabled, or got another password, since its password was checked */
  async begin(tokenHash: Uint8Array, { id, passwordHash }: AccountSecret, within: Queryable): Promise<boolean> {
    const { rowCount } = await within.query(
      `with account as (
         update access.account set last_seen_at = now()
          where id = $2 and password_hash = $3 and disabled_at is null returning id
       )
       insert into access.session (token_hash, account) select $1, id from account`,
      [tokenHash, Buffer.from(id, 'hex'), passwordHash],
    );
    return rowCount === 1;
  }

  async find(tokenHash: Uint8Array): Promise<AccountView | undefined> {
    return (await this.pool.query<AccountView>(FIND, [tokenHash])).rows[0];
  }

  async end(tokenHash: Uint8Array, within: Queryable): Promise<void> {
    await within.query('delete from access.session where token_hash = $1', [tokenHash]);
  }

  async endOthers(account: string, kept: Uint8Array, within: Queryable): Promise<void> {
    await within.query('delete from access.session where account = $1 and token_hash <> $2', [
      Buffer.from(account, 'hex'),
      kept,
    ]);
  }

  /** Those that are over go. @returns how many */
  async clean(): Promise<number> {
    return (await this.pool.query('delete from access.session s where not access.is_good(s)')).rowCount ?? 0;
  }
}
