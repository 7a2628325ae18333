import { inTransaction, type Pool } from '../database/index.js';

export interface Device {
  readonly id: string;
  readonly useCase: string;
  readonly publicKey: Uint8Array;
  readonly revoked: boolean;
  /** the time of asking by the database's clock, unix ms */
  readonly now: number;
}

export interface Enrolment {
  readonly useCase: string;
  readonly codeHash: Uint8Array;
  readonly publicKey: Uint8Array;
}

const CHARGE_CODE = `
  update identity.enrolment_code set uses_left = uses_left - 1
   where code_hash = $1 and use_case = $2 and uses_left > 0 and not revoked and expires_at > now()`;

const FIND_BY_KEY = 'select id from identity.device where use_case = $1 and public_key = $2';

/** Who may ask for tokens. Only the issuer knows. */
export class Devices {
  constructor(private readonly pool: Pool) {}

  /**
   * Enrols a device, charging its code once: the same key again gets the same id and is not charged.
   *
   * @returns the device's id, or undefined when the code is unknown, spent, expired or revoked
   */
  async enrol({ useCase, codeHash, publicKey }: Enrolment): Promise<string | undefined> {
    return inTransaction(this.pool, async (client) => {
      // The code's row is the lock: two enrolments of one key wait for each other here.
      const charged = await client.query(CHARGE_CODE, [codeHash, useCase]);
      const known = await client.query<{ id: string }>(FIND_BY_KEY, [useCase, publicKey]);
      if (known.rows[0] !== undefined) {
        await client.query('rollback');
        return known.rows[0].id;
      }
      if (charged.rowCount === 0) return undefined;
      const { rows } = await client.query<{ id: string }>(
        'insert into identity.device (use_case, public_key) values ($1, $2) returning id',
        [useCase, publicKey],
      );
      return rows[0]!.id;
    });
  }

  async find(id: string): Promise<Device | undefined> {
    const { rows } = await this.pool.query<Device>(
      `select id, use_case as "useCase", public_key as "publicKey", revoked,
              (extract(epoch from now()) * 1000)::float8 as now
         from identity.device where id = $1`,
      [id],
    );
    return rows[0];
  }
}
