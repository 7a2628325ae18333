import { crashPoint } from '#crash-point';
import type { EncodingChoice, FigureSums, StrategyChoice } from '#learning';
import type { PrivacyTerms } from '#protocol';

import { inTransaction, type Pool } from '../database/index.js';
import { insertRelease, type Release } from './release-ledger.js';
import { clipIn } from './round-clip.js';

/** One accepted submission of a frozen round. */
export interface FrozenSubmission {
  readonly position: number;
  readonly bodyId: Uint8Array;
  readonly payloadDigest: Uint8Array;
  readonly weightLevel: number;
}

export interface Partial {
  readonly shard: number;
  readonly submissions: number;
  readonly totalWeight: number;
  readonly fileId: Uint8Array;
  readonly digest: Uint8Array;
  /** Σ q² of each of its updates, smallest first; null where they were not measured */
  readonly squaredNorms: readonly number[] | null;
}

/** A frozen round and all that folding and publishing need to know of its task. */
export interface FrozenRound {
  readonly id: string;
  readonly useCase: string;
  readonly accepted: number;
  readonly issued: number;
  readonly shards: number;
  readonly modelIn: Uint8Array;
  /** digest of what the strategy's optimizer carries on from the version that it begins with; null where there is nothing */
  readonly optimizerState: Uint8Array | null;
  readonly layout: readonly { name: string; shape: number[] }[];
  readonly scale: number;
  /** of this round */
  readonly clip: number;
  readonly encoding: EncodingChoice;
  readonly weightLevels: readonly number[];
  readonly strategy: StrategyChoice;
  readonly epoch: number;
  readonly slot: number;
  readonly privacy: PrivacyTerms | null;
  /** rounds of an epoch that one device can be part of */
  readonly usesPerEpoch: number;
  /** devices measured its model, each loss up to this; null: they trained it */
  readonly lossBound: number | null;
}

/** Digests of what a round made. */
export interface Published {
  readonly modelOut: Uint8Array;
  /** of the released aggregate */
  readonly aggregate: Uint8Array;
  readonly optimizerState: Uint8Array | null;
  /** of the cohort's update norms; null where they were not measured */
  readonly normQuantiles: readonly number[] | null;
  /** where the aggregate has noise */
  readonly release?: Release | undefined;
}

const FIND_FROZEN = `
  select r.id, r.use_case as "useCase", r.accepted, r.issued, r.shards, r.model_in as "modelIn", t.layout, t.scale::float8 as scale,
         t.clip, t.weight_levels as "weightLevels", t.strategy, r.epoch, r.slot, rounds.privacy_at(r.use_case, r.epoch) as privacy, t.uses_per_epoch as "usesPerEpoch",
         t.encoding, r.record, r.loss_bound as "lossBound",
         m.optimizer_state as "optimizerState"
    from rounds.round r join rounds.task t on t.use_case = r.use_case
    join rounds.model m on m.use_case = r.use_case and m.version = r.base_version where r.id = $1 and r.state = 'frozen'`;

/** From the frozen list to the published model. Every write may be tried twice and counts once. */
export class RoundResults {
  constructor(private readonly pool: Pool) {}

  /** Rounds frozen and not yet published: work to do, whatever the queue says. */
  async frozen(): Promise<{ id: string; shards: number }[]> {
    const { rows } = await this.pool.query<{ id: string; shards: number }>({
      name: 'frozen-rounds',
      text: "select id, shards from rounds.round where state = 'frozen'",
    });
    return rows;
  }

  async find(roundId: string): Promise<FrozenRound | undefined> {
    const { rows } = await this.pool.query<FrozenRound & { record: Uint8Array }>(FIND_FROZEN, [roundId]);
    if (rows[0] === undefined) return undefined;
    const { record, ...round } = rows[0];
    return round.privacy?.clipping === undefined ? round : { ...round, clip: clipIn(record)! };
  }

  /** How many of the frozen list have this weight level. */
  async countLevel(roundId: string, weightLevel: number): Promise<number> {
    const { rows } = await this.pool.query<{ n: number }>(
      'select count(*)::int as n from rounds.frozen where round_id = $1 and weight_level = $2',
      [roundId, weightLevel],
    );
    return rows[0]!.n;
  }

  /** Slice [from, to) of the frozen list, in its order. */
  async slice(roundId: string, from: number, to: number): Promise<FrozenSubmission[]> {
    const { rows } = await this.pool.query<FrozenSubmission>(
      `select position, body_id as "bodyId", payload_digest as "payloadDigest", weight_level as "weightLevel"
         from rounds.frozen where round_id = $1 and position >= $2 and position < $3 order by position`,
      [roundId, from, to],
    );
    return rows;
  }

  async partials(roundId: string): Promise<Partial[]> {
    const { rows } = await this.pool.query<Partial>(
      `select shard, submissions, total_weight::float8 as "totalWeight", file_id as "fileId", digest,
              squared_norms as "squaredNorms"
         from rounds.partial where round_id = $1 order by shard`,
      [roundId],
    );
    return rows;
  }

  /** @returns whether this partial counts; another run may have been first, with equal bytes, or the round was aborted */
  async addPartial(roundId: string, partial: Partial): Promise<boolean> {
    const { shard, submissions, totalWeight, fileId, digest, squaredNorms } = partial;
    const { rowCount } = await this.pool.query(
      `insert into rounds.partial (round_id, shard, submissions, total_weight, file_id, digest, squared_norms)
       select id, $2, $3, $4, $5, $6, $7 from rounds.round where id = $1 and state = 'frozen' for share
       on conflict do nothing`,
      [roundId, shard, submissions, totalWeight, fileId, digest, squaredNorms],
    );
    return rowCount === 1;
  }

  /**
   * Publishes: the round's state and the new model version, in one transaction.
   *
   * @returns whether this call did; another run may have been first, or the round was aborted
   */
  async publish(round: FrozenRound, published: Published, parameters: number): Promise<boolean> {
    return inTransaction(this.pool, async (client) => {
      const { rowCount } = await client.query(
        `update rounds.round r set state = 'published', model_out = $2, aggregate_digest = $3, norm_quantiles = $4, published_at = now(),
                summed_at = (select max(stored_at) from rounds.partial where round_id = r.id)
          where id = $1 and state = 'frozen'`,
        [round.id, published.modelOut, published.aggregate, published.normQuantiles],
      );
      if (rowCount === 0) return false;
      await client.query(
        `insert into rounds.model (use_case, version, digest, round_id, parameters, optimizer_state)
         select $1, max(version) + 1, $2, $3, $4, $5 from rounds.model where use_case = $1`,
        [round.useCase, published.modelOut, round.id, parameters, published.optimizerState],
      );
      if (published.release !== undefined) await insertRelease(client, round.id, round.useCase, published.release);
      crashPoint('worker-publishing');
      return true;
    });
  }

  /** Publishes what devices measured: no model version comes of it. @returns as `publish` */
  async publishFigures(round: FrozenRound, { loss, accuracy }: FigureSums, release?: Release): Promise<boolean> {
    return inTransaction(this.pool, async (client) => {
      const { rowCount } = await client.query(
        `update rounds.round r set state = 'published', loss_sum = $2, accuracy_sum = $3, published_at = now(),
                summed_at = (select max(stored_at) from rounds.partial where round_id = r.id)
          where id = $1 and state = 'frozen'`,
        [round.id, loss, accuracy],
      );
      if (rowCount === 0) return false;
      if (release !== undefined) await insertRelease(client, round.id, round.useCase, release);
      crashPoint('worker-publishing');
      return true;
    });
  }

  /** A round that cannot be finished says why, on itself. */
  async fail(roundId: string, detail: string): Promise<void> {
    await this.pool.query(
      `update rounds.round set state = 'abandoned', reason = 'failed', detail = $2 where id = $1 and state = 'frozen'`,
      [roundId, detail],
    );
  }
}
