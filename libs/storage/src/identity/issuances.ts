import { inTransaction, type Client, type Pool } from '../database/index.js';

export interface Batch {
  readonly deviceId: string;
  readonly useCase: string;
  readonly epoch: number;
  /** the first epoch of the primary key that evaluated */
  readonly keyEpoch: number;
  /** SHA-256 of device, use case and request: the same batch has the same key */
  readonly batchKey: Uint8Array;
  readonly tokens: readonly IssuedToken[];
  /** tokens a device gets in an epoch at most */
  readonly quota: number;
}

export interface IssuedToken {
  readonly slot: number;
  readonly evaluated: Uint8Array;
  readonly proof: Uint8Array;
}

export type Charge = 'issued' | 'epoch_not_open' | 'slot_sealed' | 'slot_taken' | 'quota_exhausted' | 'revoked_device';

const INSERT_TOKENS = `
  insert into identity.issuance (device_id, use_case, epoch, slot, batch_key, evaluated, proof)
  select $1, $2, $3, slot, $4, evaluated, proof
    from unnest($5::int[], $6::bytea[], $7::bytea[]) as t (slot, evaluated, proof)
  on conflict do nothing`;

/** Tokens issued, one row each: the quota, and the answer to a retry. */
export class Issuances {
  constructor(private readonly pool: Pool) {}

  /** What was answered to this batch before, in slot order; empty when it never was. */
  async find(batchKey: Uint8Array): Promise<IssuedToken[]> {
    const { rows } = await this.pool.query<IssuedToken>(
      'select slot, evaluated, proof from identity.issuance where batch_key = $1 order by slot',
      [batchKey],
    );
    return rows;
  }

  /**
   * Charges a batch and stores its evaluation, all of it or nothing, in one transaction. Holds the
   * epoch's row in share mode, so that a round cannot take a slot between the check and the commit.
   */
  async charge(batch: Batch): Promise<Charge> {
    return inTransaction(this.pool, async (client) => {
      const refusal = await this.#refusal(client, batch);
      if (refusal !== undefined) return refusal;
      const { rowCount } = await client.query(INSERT_TOKENS, [
        batch.deviceId,
        batch.useCase,
        batch.epoch,
        batch.batchKey,
        batch.tokens.map(({ slot }) => slot),
        batch.tokens.map(({ evaluated }) => evaluated),
        batch.tokens.map(({ proof }) => proof),
      ]);
      if (rowCount === batch.tokens.length) return 'issued';
      await client.query('rollback');
      return 'slot_taken';
    });
  }

  async #refusal(client: Client, batch: Batch): Promise<Charge | undefined> {
    const { deviceId, useCase, epoch, tokens, quota } = batch;
    // One batch of a device at a time, or two would each find the quota untouched.
    const device = await client.query<{ revoked: boolean }>(
      'select revoked from identity.device where id = $1 and use_case = $2 for update',
      [deviceId, useCase],
    );
    if (device.rows[0]?.revoked !== false) return 'revoked_device';
    const { rows } = await client.query<{ next_slot: number; slots: number }>(
      'select next_slot, slots from keys.open_for_issuance($1, $2, $3)',
      [useCase, epoch, batch.keyEpoch],
    );
    const window = rows[0];
    if (window === undefined) return 'epoch_not_open';
    if (tokens.some(({ slot }) => slot < window.next_slot || slot >= window.slots)) return 'slot_sealed';
    const used = await client.query<{ n: number }>(
      'select count(*)::int as n from identity.issuance where device_id = $1 and use_case = $2 and epoch = $3',
      [deviceId, useCase, epoch],
    );
    return used.rows[0]!.n + tokens.length > quota ? 'quota_exhausted' : undefined;
  }

  /** Tokens a second that a use case may ask for, of each issuer process; null where it has no limit of its own. */
  async rateOf(useCase: string): Promise<number | null> {
    const { rows } = await this.pool.query<{ rate: number | null }>(
      `select (keys.draft_at($1, keys.current_epoch($1)) ->> 'tokensPerSecond')::int as rate`,
      [useCase],
    );
    return rows[0]?.rate ?? null;
  }

  /**
   * The current epoch, its first slot that may still be issued, and the first epoch that is not retired;
   * undefined before the use case is live.
   */
  async window(useCase: string): Promise<{ epoch: number; nextSlot: number; firstLive: number } | undefined> {
    const { rows } = await this.pool.query<{ epoch: number | null; nextSlot: number; firstLive: number }>(
      `select c.epoch, c.live as "firstLive",
              case when c.live > c.epoch
                   then (select slots from keys.manifest where use_case = $1 order by version desc limit 1)
                   else coalesce(e.next_slot, 0) end as "nextSlot"
         from (select keys.current_epoch($1), keys.first_live_epoch($1)) as c (epoch, live)
         left join keys.epoch e on e.use_case = $1 and e.epoch = c.epoch`,
      [useCase],
    );
    const row = rows[0];
    return row === undefined || row.epoch === null ? undefined : { ...row, epoch: row.epoch };
  }
}
