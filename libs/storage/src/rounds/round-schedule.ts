import { crashPoint } from '#crash-point';

import { inTransaction, type Client, type Pool } from '../database/index.js';
import { appendLeaves } from '../log/index.js';

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
}

/** A round whose slot is taken and whose turn has come: all that its record needs. */
export interface DueRound {
  readonly id: string;
  readonly useCase: string;
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
  readonly modelDigest: Uint8Array;
  readonly manifestDigest: Uint8Array;
  /** its epoch is live, and what is left of it holds the deadline */
  readonly fits: boolean;
  /** its record is fixed and in the log */
  readonly isAnnounced: boolean;
  /** and a tree head covers it: it may open */
  readonly isLogged: boolean;
}

/** A round must be over this long before its epoch is: its tokens redeem in that epoch only. */
const GRACE = "interval '5 seconds'";

const INSERT_ROUNDS = `
  with last as (select coalesce(max(sequence), 0) as sequence from rounds.round where use_case = $1)
  insert into rounds.round (use_case, sequence, min, target, deadline_ms, jitter_ms, wait_ms, finish_ms)
  select $1, last.sequence + i, $3, $4, $5, $6, $7, $8 from last, generate_series(1, $2) as i
  returning id, sequence`;

/** The first round of each use case that has no slot yet, unless one before it has a slot and waits to open. */
const UNSEALED = `
  select r.id, r.use_case as "useCase", r.min, r.detail, (u.draft ->> 'kMin')::int as "kMin", m.slots,
         coalesce((u.draft ->> 'reuse')::int, 1) as reuse, coalesce(k.retired_before, 0) as "retiredBefore",
         c.epoch, coalesce(e.next_slot, 0) as "nextSlot", coalesce(e.next_use, 0) as "nextUse",
         now() + (r.jitter_ms + r.deadline_ms) * interval '1 millisecond' + ${GRACE}
           < m.epoch_origin + (c.epoch + 1) * m.epoch_seconds * interval '1 second' as fits
    from rounds.round r
    join keys.use_case u on u.id = r.use_case and u.state = 'live'
    join keys.manifest m on m.use_case = u.id and m.version = (select max(version) from keys.manifest x where x.use_case = u.id)
    cross join lateral (select keys.current_epoch(u.id)) as c (epoch)
    left join keys.clock k on k.use_case = u.id
    left join keys.epoch e on e.use_case = u.id and e.epoch = c.epoch
   where r.state = 'scheduled' and r.slot is null and r.leaf is null
     and not exists (select from rounds.round o where o.use_case = r.use_case and o.state = 'scheduled'
                       and (o.slot is not null or o.sequence < r.sequence))`;

/** Not before the log says how the round before it ended, nor under a manifest that the log does not have yet. */
const DUE = `
  select r.id, r.use_case as "useCase", u.draft ->> 'suite' as suite, r.epoch, r.slot, r.use_no as "useNo", r.issued,
         r.min, r.target, r.deadline_ms as "deadlineMs", r.jitter_ms as "jitterMs",
         m.digest as "manifestDigest", model.digest as "modelDigest",
         now() + r.deadline_ms * interval '1 millisecond' + ${GRACE}
           < m.epoch_origin + (r.epoch + 1) * m.epoch_seconds * interval '1 second'
           and keys.is_live(r.use_case, r.epoch) as fits,
         r.leaf is not null as "isAnnounced", coalesce(r.leaf < (select max(size) from log.head), false) as "isLogged"
    from rounds.round r
    join keys.use_case u on u.id = r.use_case
    join keys.manifest m on m.use_case = r.use_case and m.leaf is not null
     and m.version = (select max(version) from keys.manifest x where x.use_case = r.use_case and x.leaf is not null)
    join lateral (select digest from rounds.model where use_case = r.use_case order by version desc limit 1) model on true
   where r.state = 'scheduled' and r.slot is not null
     and r.sealed_at + r.jitter_ms * interval '1 millisecond' <= now()
     and not exists (select from rounds.round o where o.use_case = r.use_case and o.id <> r.id
                       and (o.state in ('open', 'frozen') or (o.leaf is not null and o.end_leaf is null)))`;

interface Unsealed {
  readonly id: string;
  readonly useCase: string;
  readonly min: number;
  readonly detail: string | null;
  readonly kMin: number;
  readonly slots: number;
  readonly epoch: number;
  readonly nextSlot: number;
  readonly reuse: number;
  /** uses taken of the slot before `nextSlot` */
  readonly nextUse: number;
  readonly retiredBefore: number;
  readonly fits: boolean;
}

/** Rounds from the researcher's wish to their opening. The database's clock decides all of it. */
export class RoundSchedule {
  constructor(private readonly pool: Pool) {}

  /** @returns ids in order */
  async add({ useCase, count, min, target, deadlineMs, jitterMs, waitMs, finishMs }: RoundPlan): Promise<string[]> {
    return inTransaction(this.pool, async (client) => {
      await lockRoundsOf(client, useCase);
      const values = [useCase, count, min, target, deadlineMs, jitterMs, waitMs, finishMs];
      const { rows } = await client.query<{ id: string; sequence: number }>(INSERT_ROUNDS, values);
      return rows.sort((a, b) => a.sequence - b.sequence).map(({ id }) => id);
    });
  }

  /**
   * Gives the next round of each use case its slot, if enough tokens were issued for it; otherwise
   * writes down what it waits for. The slot is taken one round ahead, so that W passes meanwhile.
   */
  async seal(): Promise<void> {
    const { rows } = await this.pool.query<Unsealed>(UNSEALED);
    for (const round of rows) await inTransaction(this.pool, (client) => sealOne(client, round));
  }

  async due(): Promise<DueRound[]> {
    const { rows } = await this.pool.query<DueRound>(DUE);
    return rows;
  }

  /** Fixes a round's record and logs it, in one transaction. It opens when a tree head covers it. */
  async announce(round: DueRound, record: Uint8Array, recordDigest: Uint8Array): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      const { rowCount } = await client.query(
        `update rounds.round
            set manifest_digest = $2, model_in = $3, record = $4, record_digest = $5, detail = 'It opens with the next tree head.'
          where id = $1 and state = 'scheduled' and leaf is null and epoch = $6 and slot = $7`,
        [round.id, round.manifestDigest, round.modelDigest, record, recordDigest, round.epoch, round.slot],
      );
      if (rowCount === 0) return;
      const [leaf] = await appendLeaves(client, [{ kind: 'round', record }]);
      await client.query('update rounds.round set leaf = $2 where id = $1', [round.id, leaf]);
      crashPoint('coordinator-announcing');
    });
  }

  /** @returns whether this call opened it */
  async open({ id, epoch, slot }: DueRound): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `update rounds.round
          set state = 'open', detail = null, opened_at = now(), closes_at = now() + deadline_ms * interval '1 millisecond'
        where id = $1 and state = 'scheduled' and leaf is not null and epoch = $2 and slot = $3
          and keys.is_live(use_case, epoch)`,
      [id, epoch, slot],
    );
    return rowCount === 1;
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

/** Held until the transaction ends: a use case's rounds are numbered one after the other. */
export const lockRoundsOf = (client: Client, useCase: string): Promise<unknown> =>
  client.query("select pg_advisory_xact_lock(hashtext('starling rounds of ' || $1))", [useCase]);

async function sealOne(client: Client, round: Unsealed): Promise<void> {
  const { epoch, nextSlot, nextUse, reuse, slots, retiredBefore, fits } = round;
  if (!(await holdUnsealed(client, round))) return;
  if (epoch < retiredBefore)
    return note(client, round, `It waits for epoch ${retiredBefore}: the epochs before it were retired.`);
  if (!fits)
    return note(client, round, `It waits for the next epoch: what is left of epoch ${epoch} is too short for it.`);
  if (nextUse > 0 && nextUse < reuse && (await sealUse(client, round))) return;
  if (nextSlot >= slots)
    return note(client, round, `It waits for the next epoch: all ${slots} slots of epoch ${epoch} are taken.`);
  return sealSlot(client, round);
}

/** An abort comes before this or after the round has its slot; in between, it would take the slot with it. */
async function holdUnsealed(client: Client, { id }: Unsealed): Promise<boolean> {
  const { rowCount } = await client.query(
    "select from rounds.round where id = $1 and state = 'scheduled' and slot is null for update",
    [id],
  );
  return rowCount === 1;
}

/** Another round for tokens that were issued and used before. @returns whether there are enough of them */
async function sealUse(client: Client, round: Unsealed): Promise<boolean> {
  const { useCase, epoch, nextSlot, nextUse } = round;
  const slot = nextSlot - 1;
  const issued = await countIssued(client, { useCase, epoch, slot });
  if (issued < Math.max(round.kMin, round.min)) return false;
  const taken = await client.query(
    'update keys.epoch set next_use = $4 + 1 where use_case = $1 and epoch = $2 and next_slot = $3 and next_use = $4',
    [useCase, epoch, nextSlot, nextUse],
  );
  if (taken.rowCount === 1) await seal(client, round, { slot, useNo: nextUse, issued });
  return true;
}

/** The first round of the next slot. */
async function sealSlot(client: Client, round: Unsealed): Promise<void> {
  const { useCase, epoch, nextSlot } = round;
  const needed = Math.max(round.kMin, round.min);
  const slot = { useCase, epoch, slot: nextSlot };
  const before = await countIssued(client, slot);
  if (before < needed)
    return note(client, round, `It waits for tokens: ${before} of at least ${needed} devices have one for its slot.`);

  await client.query('insert into keys.epoch (use_case, epoch) values ($1, $2) on conflict do nothing', [
    useCase,
    epoch,
  ]);
  // Waits for issuances under way (they hold the row in share mode); from its commit on there are no new ones.
  const taken = await client.query(
    'update keys.epoch set next_slot = $3 + 1, next_use = 1 where use_case = $1 and epoch = $2 and next_slot = $3',
    [useCase, epoch, nextSlot],
  );
  if (taken.rowCount === 0) return;
  await seal(client, round, { slot: nextSlot, useNo: 0, issued: await countIssued(client, slot) });
}

async function countIssued(
  client: Client,
  { useCase, epoch, slot }: { readonly useCase: string; readonly epoch: number; readonly slot: number },
): Promise<number> {
  const { rows } = await client.query<{ n: number }>('select identity.count_issued($1, $2, $3) as n', [
    useCase,
    epoch,
    slot,
  ]);
  return rows[0]!.n;
}

async function seal(
  client: Client,
  { id, epoch }: Unsealed,
  { slot, useNo, issued }: { readonly slot: number; readonly useNo: number; readonly issued: number },
): Promise<void> {
  await client.query(
    `update rounds.round set epoch = $2, slot = $3, use_no = $4, issued = $5, sealed_at = now(),
            detail = 'It has its tokens and opens after the round before it.'
      where id = $1`,
    [id, epoch, slot, useNo, issued],
  );
  crashPoint('coordinator-sealing');
}

async function note(client: Client, { id, detail }: Unsealed, sentence: string): Promise<void> {
  if (detail === sentence) return;
  await client.query("update rounds.round set detail = $2 where id = $1 and state = 'scheduled'", [id, sentence]);
}
