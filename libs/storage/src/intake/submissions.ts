import type { Pool } from '../database/index.js';

/** A round as intake may see it. */
export interface IntakeRound {
  readonly id: string;
  readonly useCase: string;
  readonly epoch: number;
  readonly slot: number;
  /** which use of the slot's tokens, from 0 */
  readonly useNo: number;
  readonly state: string;
  readonly manifestDigest: Uint8Array;
  /** devices measure its model; in any other round they train it */
  readonly isEvaluation: boolean;
  /** R */
  readonly record: Uint8Array;
  /** its epoch is the current one by the database's clock, and not retired */
  readonly epochLive: boolean;
  /** open, and not past its deadline by the database's clock */
  readonly open: boolean;
}

/** One use of one token. */
export interface TokenUse {
  readonly useCase: string;
  readonly epoch: number;
  readonly tokenHash: Uint8Array;
  readonly useNo: number;
}

/** Both null where three failed commits spent the token. */
export interface Spent {
  readonly transcriptDigest: Uint8Array | null;
  readonly receipt: Uint8Array | null;
}

export interface Acceptance extends TokenUse {
  readonly roundId: string;
  readonly transcriptDigest: Uint8Array;
  readonly receipt: Uint8Array;
  readonly headerDigest: Uint8Array;
  readonly orderKey: Uint8Array;
  readonly weightLevel: number;
  readonly bodyId: Uint8Array;
  readonly payloadDigest: Uint8Array;
}

const FIND_ROUND = `
  select id, use_case as "useCase", epoch, slot, use_no as "useNo", state, manifest_digest as "manifestDigest", record,
         evaluates is not null as "isEvaluation",
         keys.is_live(use_case, epoch) as "epochLive", state = 'open' and now() < closes_at as open
    from rounds.round where record_digest = $1`;

const FIND_SPENT = `
  select transcript_digest as "transcriptDigest", receipt
    from intake.spent_token where use_case = $1 and epoch = $2 and token_hash = $3 and use_no = $4`;

const ACCEPT = 'select intake.accept_submission($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) as accepted';

/** Tokens spent and updates accepted: exactly once, by one statement (see 0008-keys.sql). */
export class Submissions {
  constructor(private readonly pool: Pool) {}

  async findRound(recordDigest: Uint8Array): Promise<IntakeRound | undefined> {
    const { rows } = await this.pool.query<IntakeRound>({
      name: 'find-round',
      text: FIND_ROUND,
      values: [recordDigest],
    });
    return rows[0];
  }

  /** All epochs before are retired; null when the use case is not live. */
  async firstLiveEpoch(useCase: string): Promise<number | null> {
    const { rows } = await this.pool.query<{ epoch: number | null }>('select keys.first_live_epoch($1) as epoch', [
      useCase,
    ]);
    return rows[0]!.epoch;
  }

  /** Whether tokens of this epoch redeem now. */
  async isLive({ useCase, epoch }: Pick<TokenUse, 'useCase' | 'epoch'>): Promise<boolean> {
    const { rows } = await this.pool.query<{ live: boolean | null }>('select keys.is_live($1, $2) as live', [
      useCase,
      epoch,
    ]);
    return rows[0]!.live === true;
  }

  async findSpent({ useCase, epoch, tokenHash, useNo }: TokenUse): Promise<Spent | undefined> {
    const values = [useCase, epoch, tokenHash, useNo];
    const { rows } = await this.pool.query<Spent>({ name: 'find-spent', text: FIND_SPENT, values });
    return rows[0];
  }

  /** @returns whether this call spent the token and stored the row; if not, ask `findSpent` why */
  async accept(a: Acceptance): Promise<boolean> {
    const { rows } = await this.pool.query<{ accepted: boolean }>({
      name: 'accept-submission',
      text: ACCEPT,
      values: [
        a.roundId,
        a.useCase,
        a.epoch,
        a.tokenHash,
        a.useNo,
        a.transcriptDigest,
        a.receipt,
        a.headerDigest,
        a.orderKey,
        a.weightLevel,
        a.bodyId,
        a.payloadDigest,
      ],
    });
    return rows[0]!.accepted;
  }

  /** Counts a commit that broke a rule of content. @returns whether it was the third, which spends the token */
  async countFailure({ useCase, epoch, tokenHash, useNo }: TokenUse): Promise<boolean> {
    const { rows } = await this.pool.query<{ spent: boolean }>('select intake.count_failure($1, $2, $3, $4) as spent', [
      useCase,
      epoch,
      tokenHash,
      useNo,
    ]);
    return rows[0]!.spent;
  }

  /** Adds to the counts that people see. */
  async addTally(counts: readonly { roundId: string; event: string; n: number }[]): Promise<void> {
    await this.pool.query(
      `insert into intake.tally as t (round_id, event, n)
       select * from unnest($1::uuid[], $2::text[], $3::bigint[]) as c (round_id, event, n) order by round_id, event
       on conflict (round_id, event) do update set n = t.n + excluded.n`,
      [counts.map(({ roundId }) => roundId), counts.map(({ event }) => event), counts.map(({ n }) => n)],
    );
  }
}
