import { crashPoint } from '#crash-point';

import { treePlanOf, type PrivacyPlan } from '#protocol';

import { inTransaction, type Client, type Pool } from '../database/index.js';
import { treeRefusal } from './noise-trees.js';
import { lockRoundsOf } from './round-lock.js';
import { IS_PAUSED } from './round-pauses.js';

/** A round must be over this long before its epoch is: its tokens redeem in that epoch only. */
export const GRACE = "interval '5 seconds'";

/** The first round of each use case that has no slot yet, unless one before it has a slot and waits to open. */
const UNSEALED = `
  select r.id, r.use_case as "useCase", r.sequence, r.min, r.detail, (d.draft ->> 'kMin')::int as "kMin", m.slots,
         d.draft -> 'privacy' as privacy,
         coalesce((u.draft ->> 'reuse')::int, 1) as reuse, coalesce(k.retired_before, 0) as "retiredBefore",
         c.epoch, coalesce(e.next_slot, 0) as "nextSlot", coalesce(e.next_use, 0) as "nextUse",
         now() + (r.jitter_ms + r.deadline_ms) * interval '1 millisecond' + ${GRACE}
           < m.epoch_origin + (c.epoch + 1) * m.epoch_seconds * interval '1 second' as fits
    from rounds.round r
    join keys.use_case u on u.id = r.use_case and u.state = 'live'
    join keys.manifest m on m.use_case = u.id and m.version = (select max(version) from keys.manifest x where x.use_case = u.id)
    cross join lateral (select keys.current_epoch(u.id)) as c (epoch)
    cross join lateral (select keys.draft_at(u.id, c.epoch)) as d (draft)
    left join keys.clock k on k.use_case = u.id
    left join keys.epoch e on e.use_case = u.id and e.epoch = c.epoch
   where r.state = 'scheduled' and r.slot is null and r.leaf is null and not ${IS_PAUSED}
     and not exists (select from rounds.round o where o.use_case = r.use_case and o.state = 'scheduled'
                       and (o.slot is not null or o.sequence < r.sequence))`;

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
  readonly privacy: PrivacyPlan | null;
  readonly sequence: number;
  /** it has its slot now */
  isSealed?: true;
}

/** A round that took its slot. */
export interface SealedRound {
  readonly id: string;
  readonly useCase: string;
  readonly sequence: number;
}

/**
 * Gives the next round of each use case its slot, if enough tokens were issued for it; otherwise
 * writes down what it waits for. The slot is taken one round ahead, so that W passes meanwhile.
 */
export async function sealRounds(pool: Pool): Promise<SealedRound[]> {
  const { rows } = await pool.query<Unsealed>({ name: 'unsealed-rounds', text: UNSEALED });
  for (const round of rows) await inTransaction(pool, (client) => sealOne(client, round));
  return rows.filter(({ isSealed }) => isSealed);
}

async function sealOne(client: Client, round: Unsealed): Promise<void> {
  const { epoch, nextSlot, nextUse, reuse, slots, retiredBefore, fits } = round;
  await lockRoundsOf(client, round.useCase);
  if (!(await holdUnsealed(client, round))) return;
  if (epoch < retiredBefore)
    return note(client, round, `It waits for epoch ${retiredBefore}: the epochs before it were retired.`);
  if (!fits)
    return note(client, round, `It waits for the next epoch: what is left of epoch ${epoch} is too short for it.`);
  const refusal = await treeRefusal(client, round);
  if (refusal !== undefined) return note(client, round, refusal);
  if (nextUse > 0 && nextUse < reuse && (await sealUse(client, round))) return;
  if (nextSlot >= slots)
    return note(client, round, `It waits for the next epoch: all ${slots} slots of epoch ${epoch} are taken.`);
  return sealSlot(client, round);
}

/** An abort comes before this or after the round has its slot; in between, it would take the slot with it. */
async function holdUnsealed(client: Client, { id }: Unsealed): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from rounds.round r where id = $1 and state = 'scheduled' and slot is null and not ${IS_PAUSED} for update`,
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

/** The first round of the next slot that has its tokens. */
async function sealSlot(client: Client, round: Unsealed): Promise<void> {
  const { useCase, epoch, nextSlot } = round;
  const needed = Math.max(round.kMin, round.min);
  const found = await findSlot(client, round, needed);
  if (found === undefined) {
    const before = await countIssued(client, { useCase, epoch, slot: nextSlot });
    return note(client, round, `It waits for tokens: ${before} of at least ${needed} devices have one for its slot.`);
  }
  const slot = { useCase, epoch, slot: found };

  await client.query('insert into keys.epoch (use_case, epoch) values ($1, $2) on conflict do nothing', [
    useCase,
    epoch,
  ]);
  // Waits for issuances under way (they hold the row in share mode); from its commit on there are no new ones.
  const taken = await client.query(
    'update keys.epoch set next_slot = $4 + 1, next_use = 1 where use_case = $1 and epoch = $2 and next_slot = $3',
    [useCase, epoch, nextSlot, found],
  );
  if (taken.rowCount === 0) return;
  await seal(client, round, { slot: found, useNo: 0, issued: await countIssued(client, slot) });
}

/**
 * The next slot. Where each of b slots is for devices of its own, one that too few of them have tokens for is passed
 * over for the first of its b − 1 successors that has enough: a small lane would hold up all others for ever.
 */
async function findSlot(
  client: Client,
  { useCase, epoch, nextSlot, slots, privacy }: Unsealed,
  needed: number,
): Promise<number | undefined> {
  const lanes = (privacy === null ? undefined : treePlanOf(privacy)?.separation) ?? 1;
  const { rows } = await client.query<{ slot: number }>(
    `select slot from generate_series($3::int, $4::int) slot
      where identity.count_issued($1, $2, slot) >= $5 order by slot limit 1`,
    [useCase, epoch, nextSlot, Math.min(nextSlot + lanes, slots) - 1, needed],
  );
  return rows[0]?.slot;
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
  round: Unsealed,
  { slot, useNo, issued }: { readonly slot: number; readonly useNo: number; readonly issued: number },
): Promise<void> {
  await client.query(
    `update rounds.round set epoch = $2, slot = $3, use_no = $4, issued = $5, sealed_at = now(),
            detail = 'It has its tokens and opens after the round before it.'
      where id = $1`,
    [round.id, round.epoch, slot, useNo, issued],
  );
  round.isSealed = true;
  crashPoint('coordinator-sealing');
}

async function note(client: Client, { id, detail }: Unsealed, sentence: string): Promise<void> {
  if (detail === sentence) return;
  await client.query("update rounds.round set detail = $2 where id = $1 and state = 'scheduled'", [id, sentence]);
}
