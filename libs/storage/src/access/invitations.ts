import type { AccountRole, InvitationView } from '#protocol';

import type { Pool, Queryable } from '../database/index.js';
import { iso } from './iso.js';

export interface Invitation {
  readonly id: Uint8Array;
  readonly tokenHash: Uint8Array;
  readonly role: AccountRole;
  readonly validSeconds: number;
}

/** Each lets one person make an account of a role. Kept by the SHA-256 of its token. */
export class Invitations {
  constructor(private readonly pool: Pool) {}

  /** @returns until when it is good */
  async add({ id, tokenHash, role, validSeconds }: Invitation, within: Queryable): Promise<string> {
    const { rows } = await within.query<{ expiresAt: string }>(
      `insert into access.invitation (id, token_hash, role, expires_at)
       values ($1, $2, $3, now() + $4 * interval '1 second') returning ${iso('expires_at')} as "expiresAt"`,
      [id, tokenHash, role, validSeconds],
    );
    return rows[0]!.expiresAt;
  }

  /** Newest first. */
  async list(): Promise<InvitationView[]> {
    const { rows } = await this.pool.query<InvitationView>(
      `select encode(id, 'hex') as id, role, ${iso('created_at')} as "createdAt", ${iso('expires_at')} as "expiresAt",
              ${iso('accepted_at')} as "acceptedAt", ${iso('revoked_at')} as "revokedAt"
         from access.invitation order by created_at desc, access.invitation.id`,
    );
    return rows;
  }

  /** Before a password is hashed for it; who really gets it is settled by the statement that accepts it. */
  async findOpen(tokenHash: Uint8Array): Promise<{ id: string; role: AccountRole } | undefined> {
    const { rows } = await this.pool.query<{ id: string; role: AccountRole }>(
      `select encode(id, 'hex') as id, role from access.invitation
        where token_hash = $1 and accepted_at is null and revoked_at is null and expires_at > now()`,
      [tokenHash],
    );
    return rows[0];
  }

  /** May be asked for twice. */
  async revoke(id: string, within: Queryable): Promise<'revoked' | 'accepted' | 'no_invitation'> {
    const { rows } = await within.query<{ accepted: boolean }>(
      `update access.invitation
          set revoked_at = case when accepted_at is null then coalesce(revoked_at, now()) else revoked_at end
        where id = $1 returning accepted_at is not null as accepted`,
      [Buffer.from(id, 'hex')],
    );
    if (rows[0] === undefined) return 'no_invitation';
    return rows[0].accepted ? 'accepted' : 'revoked';
  }

  /** A month after one is over it goes. @returns how many */
  async clean(): Promise<number> {
    const { rowCount } = await this.pool.query(
      "delete from access.invitation where expires_at < now() - interval '30 days'",
    );
    return rowCount ?? 0;
  }
}
