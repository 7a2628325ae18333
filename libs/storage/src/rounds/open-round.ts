import type { Pool } from '../database/index.js';

/** What a device is told of the round it may take part in. */
export interface OpenRound {
  readonly id: string;
  readonly record: Uint8Array;
  /** by the database's clock */
  readonly openForMs: number;
}

export async function findOpenRound(pool: Pool, useCase: string): Promise<OpenRound | undefined> {
  const { rows } = await pool.query<OpenRound>({
    name: 'find-open-round',
    text: `select id, record, (extract(epoch from now() - opened_at) * 1000)::float8 as "openForMs"
             from rounds.round where use_case = $1 and state = 'open' and now() < closes_at`,
    values: [useCase],
  });
  return rows[0];
}
