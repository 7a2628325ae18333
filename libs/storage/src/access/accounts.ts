import type { AccountRole, AccountView } from '#protocol';

import type { Pool, Queryable } from '../database/index.js';
import { iso } from './iso.js';

export interface NewAccount {
  readonly id: Uint8Array;
  readonly name: string;
  readonly passwordHash: string;
}

/** Enough to check a password. */
export interface AccountSecret {
  readonly id: string;
  readonly passwordHash: string;
}

export interface NamedSecret extends AccountSecret {
  readonly isDisabled: boolean;
}

const hexOf = (column: string): string => `encode(${column}, 'hex')`;

/** Of a row `a`. */
export const ACCOUNT_VIEW = `
  ${hexOf('a.id')} as id, a.name, a.role, ${iso('a.created_at')} as "createdAt",
  ${iso('a.last_seen_at')} as "lastSeenAt", ${iso('a.disabled_at')} as "disabledAt"`;

const bytesOf = (id: string): Buffer => Buffer.from(id, 'hex');

/** People who may sign in. Passwords are kept as argon2id strings, which leave by `secretOf` only. */
export class Accounts {
  constructor(private readonly pool: Pool) {}

  /** Oldest first, disabled ones too. */
  async list(): Promise<AccountView[]> {
    const { rows } = await this.pool.query<AccountView>(
      `select ${ACCOUNT_VIEW} from access.account a order by a.created_at, a.id`,
    );
    return rows;
  }

  async find(id: string, within: Queryable = this.pool): Promise<AccountView | undefined> {
    const { rows } = await within.query<AccountView>(`select ${ACCOUNT_VIEW} from access.account a where a.id = $1`, [
      bytesOf(id),
    ]);
    return rows[0];
  }

  /** @returns undefined where nobody has this name */
  async secretOf(name: string): Promise<NamedSecret | undefined> {
    const { rows } = await this.pool.query<NamedSecret>(
      `select ${hexOf('id')} as id, password_hash as "passwordHash", disabled_at is not null as "isDisabled"
         from access.account where name = $1`,
      [name],
    );
    return rows[0];
  }

  /** Makes the account that an invitation is for. */
  async accept(
    tokenHash: Uint8Array,
    { id, name, passwordHash }: NewAccount,
    within: Queryable,
  ): Promise<'accepted' | 'no_invitation' | 'name_taken'> {
    const { rows } = await within.query<{ outcome: 'accepted' | 'no_invitation' | 'name_taken' }>(
      'select access.accept_invitation($1, $2, $3, $4) as outcome',
      [tokenHash, id, name, passwordHash],
    );
    return rows[0]!.outcome;
  }

  async change(
    id: string,
    { role, disabled }: { readonly role?: AccountRole | undefined; readonly disabled?: boolean | undefined },
    within: Queryable,
  ): Promise<'changed' | 'no_account' | 'last_owner'> {
    const { rows } = await within.query<{ outcome: 'changed' | 'no_account' | 'last_owner' }>(
      'select access.change_account($1, $2, $3) as outcome',
      [bytesOf(id), role ?? null, disabled ?? null],
    );
    return rows[0]!.outcome;
  }

  /** @returns false where the password is not the one any more that was checked */
  async changePassword(id: string, change: { from: string; to: string }, within: Queryable): Promise<boolean> {
    const { rowCount } = await within.query(
      'update access.account set password_hash = $3 where id = $1 and password_hash = $2 and disabled_at is null',
      [bytesOf(id), change.from, change.to],
    );
    return rowCount === 1;
  }
}
