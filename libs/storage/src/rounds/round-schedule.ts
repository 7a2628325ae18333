import { crashPoint } from '#crash-point';
import type { EvaluationTerms, LogLeaf } from '#protocol';

import { inTransaction, type Pool } from '../database/index.js';
import { appendLeaves } from '../log/index.js';
import { NEXT_CLIP_MICROS } from './round-clip.js';
import { lockRoundsOf } from './round-lock.js';
import { IS_PAUSED } from './round-pauses.js';
import { BASE_VERSION, HAS_GOAL, insertPlan, VERDICT, type PlanTerms } from './round-plans.js';
import { GRACE, sealRounds, type SealedRound } from './round-sealing.js';

export interface RoundPlan {
  readonly useCase: string;
  readonly count: number;
  readonly min: number;
  readonly target: number;
  readonly deadlineMs: number;
  readonly jitterMs: number;
  /** how long it waits for its tokens, once it is its turn */
  readonly waitMs: number;
  /** how long it waits for the worker: to close it, and to sum it up */
  readonly finishMs: number;
  readonly terms?: PlanTerms;
  /** a model version for devices to measure, each loss up to the bound; absent: they train */
  readonly evaluation?: EvaluationTerms & { readonly version: number };
}

/** A round whose slot is taken and whose turn has come: all that its record needs. */
export interface DueRound {
  readonly id: string;
  readonly useCase: string;
  readonly sequence: number;
  readonly suite: string;
  readonly epoch: number;
  readonly slot: number;
  /** which use of the slot's tokens, from 0 */
  readonly useNo: number;
  readonly issued: number;
  readonly min: number;
  readonly target: number;
  readonly deadlineMs: number;
  readonly jitterMs: number;
  /** null: it trains */
  readonly lossBound: number | null;
  /** of the version that it begins with */
  readonly modelDigest: Uint8Array;
  readonly baseVersion: number;
  /** adaptive clipping: what the version that it begins with led to; null where the clip is the use case's */
  readonly clipMicros: number | null;
  /** there are later ones, and the log must say that it begins with this */
  readonly isRestart: boolean;
  readonly manifestDigest: Uint8Array;
  /** its epoch is live, and what is left of it holds the deadline */
  readonly fits: boolean;
  /** its record is fixed and in the log */
  readonly isAnnounced: boolean;
  /** and a tree head covers it: it may open */
  readonly isLogged: boolean;
}

const INSERT_ROUNDS = `
  with last as (select coalesce(max(sequence), 0) as sequence from rounds.round where use_case = $1)
  insert into rounds.round (use_case, sequence, min, target, deadline_ms, jitter_ms, wait_ms, finish_ms, plan, evaluates, loss_bound)
  select $1, last.sequence + i, $3, $4, $5, $6, $7, $8, $9, $10, $11 from last, generate_series(1, $2) as i
  returning id, sequence`;

/**
 * Not before the log says how the round before it ended, nor under a manifest that the log does not have yet; of a plan
 * with a goal not before the model that it begins with was measured, and not when that was enough.
 */
const DUE = `
  select r.id, r.use_case as "useCase", r.sequence, u.draft ->> 'suite' as suite, r.epoch, r.slot, r.use_no as "useNo", r.issued,
         r.min, r.target, r.deadline_ms as "deadlineMs", r.jitter_ms as "jitterMs", r.loss_bound as "lossBound",
         m.digest as "manifestDigest", model.digest as "modelDigest", base.version as "baseVersion",
         ${NEXT_CLIP_MICROS} as "clipMicros",
         base.version < (select max(version) from rounds.model n where n.use_case = r.use_case) as "isRestart",
         now() + r.deadline_ms * interval '1 millisecond' + ${GRACE}
           < m.epoch_origin + (r.epoch + 1) * m.epoch_seconds * interval '1 second'
           and keys.is_live(r.use_case, r.epoch) as fits,
         r.leaf is not null as "isAnnounced", coalesce(r.leaf < (select max(size) from log.head), false) as "isLogged"
    from rounds.round r
    join keys.use_case u on u.id = r.use_case
    join keys.manifest m on m.use_case = r.use_case and m.leaf is not null
     and m.version = (select max(version) from keys.manifest x where x.use_case = r.use_case and x.leaf is not null)
    left join rounds.plan p on p.id = r.plan
    cross join lateral (select ${BASE_VERSION} as version) base
    join rounds.model model on model.use_case = r.use_case and model.version = base.version
   where r.state = 'scheduled' and r.slot is not null and not ${IS_PAUSED}
     and (p.id is null or not ${HAS_GOAL} or (model.evaluated_at is not null and ${VERDICT} is null))
     and r.sealed_at + r.jitter_ms * interval '1 millisecond' <= now()
     and not exists (select from rounds.round o where o.use_case = r.use_case and o.id <> r.id
                       and (o.state in ('open', 'frozen') or (o.leaf is not null and o.end_leaf is null)))`;

/** Rounds from the researcher's wish to their opening. The database's clock decides all of it. */
export class RoundSchedule {
  constructor(private readonly pool: Pool) {}

  /** @returns ids in order */
  async add({
    useCase,
    count,
    min,
    target,
    deadlineMs,
    jitterMs,
    waitMs,
    finishMs,
    terms = {},
    evaluation,
  }: RoundPlan): Promise<string[]> {
    return inTransaction(this.pool, async (client) => {
      await lockRoundsOf(client, useCase);
      const plan = await insertPlan(client, useCase, terms);
      const { version = null, lossBound = null } = evaluation ?? {};
      const values = [useCase, count, min, target, deadlineMs, jitterMs, waitMs, finishMs, plan, version, lossBound];
      const { rows } = await client.query<{ id: string; sequence: number }>(INSERT_ROUNDS, values);
      return rows.sort((a, b) => a.sequence - b.sequence).map(({ id }) => id);
    });
  }

  /** Gives the next round of each use case its slot, or writes down what it waits for. @returns those that got one */
  seal(): Promise<SealedRound[]> {
    return sealRounds(this.pool);
  }

  async due(): Promise<DueRound[]> {
    const { rows } = await this.pool.query<DueRound>({ name: 'due-rounds', text: DUE });
    return rows;
  }

  /** Fixes a round's record and logs it, in one transaction. It opens when a tree head covers it. */
  async announce(round: DueRound, record: Uint8Array, recordDigest: Uint8Array): Promise<void> {
    const { id, useCase, epoch, slot, manifestDigest, modelDigest, baseVersion } = round;
    await inTransaction(this.pool, async (client) => {
      await lockRoundsOf(client, useCase);
      const { rowCount } = await client.query(
        `update rounds.round r
            set manifest_digest = $2, model_in = $3, record = $4, record_digest = $5, base_version = $8,
                detail = 'It opens with the next tree head.'
          where id = $1 and state = 'scheduled' and leaf is null and epoch = $6 and slot = $7 and not ${IS_PAUSED}`,
        [id, manifestDigest, modelDigest, record, recordDigest, epoch, slot, baseVersion],
      );
      if (rowCount === 0) return;
      const restart: LogLeaf = { kind: 'restart', useCase, roundId: bytesOf(id), modelDigest };
      const leaves: LogLeaf[] = round.isRestart ? [restart, { kind: 'round', record }] : [{ kind: 'round', record }];
      const leaf = (await appendLeaves(client, leaves)).at(-1);
      await client.query('update rounds.round set leaf = $2 where id = $1', [id, leaf]);
      crashPoint('coordinator-announcing');
    });
  }

  /** @returns whether this call opened it */
  async open({ id, useCase, epoch, slot }: DueRound): Promise<boolean> {
    return inTransaction(this.pool, async (client) => {
      await lockRoundsOf(client, useCase);
      const { rowCount } = await client.query(
        `update rounds.round r
            set state = 'open', detail = null, opened_at = now(), closes_at = now() + deadline_ms * interval '1 millisecond'
          where id = $1 and state = 'scheduled' and leaf is not null and epoch = $2 and slot = $3
            and keys.is_live(use_case, epoch) and not ${IS_PAUSED}`,
        [id, epoch, slot],
      );
      return rowCount === 1;
    });
  }

  /** Its epoch ends too soon or is retired: the slot is lost, and the round takes another in the next epoch. */
  async unseal(id: string): Promise<void> {
    await this.pool.query(
      `update rounds.round set epoch = null, slot = null, use_no = 0, issued = null, sealed_at = null
        where id = $1 and state = 'scheduled'`,
      [id],
    );
  }

  /** @returns whether there was something to abort */
  async abort(id: string): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `update rounds.round set state = 'abandoned', reason = 'aborted', detail = 'A researcher aborted this round.'
        where id = $1 and state in ('scheduled', 'open', 'frozen')`,
      [id],
    );
    return rowCount === 1;
  }
}

const bytesOf = (id: string): Uint8Array => Buffer.from(id.replaceAll('-', ''), 'hex');
