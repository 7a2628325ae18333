import { crashPoint } from '#crash-point';
import type { StrategyChoice } from '#learning';

import { BE_PATIENT, inTransaction, patiently, type Client, type Pool } from '../database/index.js';

export interface AcceptedSubmission {
  readonly headerDigest: Uint8Array;
  readonly bodyId: Uint8Array;
  readonly payloadDigest: Uint8Array;
  readonly weightLevel: number;
}

export type Closing = 'frozen' | 'abandoned' | 'not_open';

const DUE = `
  select id from rounds.round
   where state = 'open'
     and (now() >= closes_at
       or (now() >= opened_at + jitter_ms * interval '1 millisecond' and rounds.has_all(id)))`;

/**
 * Waits for acceptances under way: they hold the round's row in share mode. What devices measured is summed, whatever
 * becomes of a task's updates.
 */
const FREEZE = `
  update rounds.round r set state = 'frozen', frozen_at = now() where id = $1 and state = 'open'
  returning min, target, case when evaluates is not null then '{"name": "FedAvg"}'::jsonb
                         else (select strategy from rounds.task t where t.use_case = r.use_case) end as strategy`;

/** Where a target cuts, the order key decides: a device cannot grind it, and arrival plays no part. */
const ACCEPTED = `
  select header_digest as "headerDigest", body_id as "bodyId", payload_digest as "payloadDigest", weight_level as "weightLevel"
    from intake_closed.submission where round_id = $1 order by order_key, header_digest limit $2`;

/** Ends the collecting of a round: exactly the acknowledged submissions are frozen, in an order of their own. */
export class RoundClosing {
  constructor(
    private readonly pool: Pool,
    private readonly merkleRoot: (leaves: readonly Uint8Array[]) => Uint8Array,
  ) {}

  /**
   * Open rounds past their deadline, and those with W behind them that have their target, or an update for each token that
   * was issued: nobody else can come.
   */
  async due(): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(DUE);
    return rows.map(({ id }) => id);
  }

  /**
   * Closes a round: freezes its list, or abandons it when too few came. One transaction.
   *
   * @param shardsOf  the fold jobs that so many updates make under this strategy
   */
  async close(roundId: string, shardsOf: (strategy: StrategyChoice, updates: number) => number): Promise<Closing> {
    return inTransaction(this.pool, async (client) => {
      await client.query(BE_PATIENT);
      const closed = await client.query<{ min: number; target: number; strategy: StrategyChoice }>(FREEZE, [roundId]);
      const round = closed.rows[0];
      if (round === undefined) return 'not_open';
      const { rows } = await client.query<AcceptedSubmission>(patiently(ACCEPTED, [roundId, round.target]));
      if (rows.length < round.min) return abandon(client, roundId, rows.length, round.min);
      const list = rows.sort((a, b) => Buffer.compare(a.headerDigest, b.headerDigest));
      await insertFrozen(client, roundId, list);
      await client.query('update rounds.round set accepted = $2, accepted_root = $3, shards = $4 where id = $1', [
        roundId,
        list.length,
        this.merkleRoot(list.map(({ headerDigest }) => headerDigest)),
        shardsOf(round.strategy, list.length),
      ]);
      crashPoint('worker-closing');
      return 'frozen';
    });
  }
}

async function abandon(client: Client, roundId: string, came: number, min: number): Promise<Closing> {
  const detail = `Only ${came} of at least ${min} updates came before the deadline.`;
  await client.query(
    `update rounds.round set state = 'abandoned', reason = 'too_few', detail = $2, accepted = $3 where id = $1`,
    [roundId, detail, came],
  );
  return 'abandoned';
}

async function insertFrozen(client: Client, roundId: string, list: readonly AcceptedSubmission[]): Promise<void> {
  const query = patiently(
    `insert into rounds.frozen (round_id, position, header_digest, body_id, payload_digest, weight_level)
     select $1, ordinality - 1, header_digest, body_id, payload_digest, weight_level
       from unnest($2::bytea[], $3::bytea[], $4::bytea[], $5::smallint[]) with ordinality
         as t (header_digest, body_id, payload_digest, weight_level, ordinality)`,
    [
      roundId,
      list.map(({ headerDigest }) => headerDigest),
      list.map(({ bodyId }) => bodyId),
      list.map(({ payloadDigest }) => payloadDigest),
      list.map(({ weightLevel }) => weightLevel),
    ],
  );
  await client.query(query);
}
