import type { PlanGoal } from '#protocol';

import type { Client, Pool } from '../database/index.js';

/** What the rounds of a plan begin with, and what ends it early. */
export interface PlanTerms {
  /** a model version; the newest when left out */
  readonly from?: number | undefined;
  readonly until?: PlanGoal | undefined;
}

/**
 * The model version that round `r` of plan `p` begins with, or measures (`p` has no columns set where there is no plan): a plan that
 * starts from an older version does so until it has a result of its own.
 */
export const BASE_VERSION = `
  case when r.evaluates is not null then r.evaluates
       when p.from_version is not null
         and not exists (select from rounds.round o where o.plan = p.id and o.state = 'published') then p.from_version
       else (select max(version) from rounds.model n where n.use_case = r.use_case) end`;

export const HAS_GOAL = '(p.accuracy is not null or p.patience is not null)';

/** Figures as people read them: 0.9 and not the float next to it. */
const exactly = (column: string): string => `(${column})::numeric`;
const percent = (column: string): string => `round(100 * ${exactly(column)}, 1) || ' %'`;

/**
 * Why plan `p` is done: a sentence, or null where it goes on. What cannot be measured says nothing. Of rows that never
 * change once they are there, so everybody who asks gets the same answer; once it is done it stays done.
 */
export const VERDICT = `
  (with base as (
     select coalesce(
       (select o.base_version from rounds.round o
         where o.plan = p.id and o.base_version is not null order by o.sequence limit 1),
       p.from_version,
       (select max(version) from rounds.model n where n.use_case = p.use_case)) as version
   ), measured as (
     select m.accuracy, m.version, row_number() over (order by m.version desc) as age
       from rounds.model m join rounds.round o on o.id = m.round_id where o.plan = p.id and m.accuracy is not null
   ), figures as materialized (
     select (select accuracy from rounds.model m, base where m.use_case = p.use_case and m.version = base.version) as initial,
            (select max(accuracy) from measured where age > p.patience) as earlier,
            (select max(accuracy) from measured where age <= p.patience) as latest,
            (select max(accuracy) from measured) as best, (select count(*) from measured) as rounds
   )
   select case
     when f.initial >= p.accuracy then 'The plan is done: the model that it begins with has ' || ${percent('f.initial')} || ' accuracy.'
     when f.best >= p.accuracy
       then 'The plan is done: ' || ${percent('p.accuracy')} || ' accuracy is reached.'
     when f.rounds >= p.patience
       and (${exactly('f.latest')} - ${exactly('greatest(f.initial, f.earlier)')} < ${exactly('p.min_gain')}
            or f.latest <= greatest(f.initial, f.earlier))
       then 'The plan is done: no gain' || case when p.min_gain > 0 then ' of ' || ${percent('p.min_gain')} else '' end
            || ' in ' || case p.patience when 1 then 'a round' else p.patience || ' rounds' end || '.'
   end from figures f)`;

/** Rounds that are not announced yet and whose turn it would be, of plans that are done. Each plan is judged once. */
const END = `
  with judged as materialized (
    select p.id, ${VERDICT} as sentence from rounds.plan p
     where ${HAS_GOAL} and exists (select from rounds.round r where r.plan = p.id and r.state = 'scheduled')
  )
  update rounds.round r set state = 'abandoned', reason = 'plan_done', detail = judged.sentence
    from judged
   where r.plan = judged.id and judged.sentence is not null and r.state = 'scheduled' and r.leaf is null
     and not exists (select from rounds.round o where o.use_case = r.use_case and o.plan is distinct from r.plan
                       and o.sequence < r.sequence and o.state in ('scheduled', 'open', 'frozen'))`;

/** Plans of rounds. Whether one is done is read off its rows, by whoever asks. */
export class RoundPlans {
  constructor(private readonly pool: Pool) {}

  /** Ends what is left of plans that are done. @returns how many rounds */
  async end(): Promise<number> {
    // By name, so that it is planned once a connection.
    return (await this.pool.query({ name: 'end-plans', text: END })).rowCount ?? 0;
  }
}

/** In the transaction that adds its rounds. @returns its id; null where the terms say nothing */
export async function insertPlan(client: Client, useCase: string, { from, until }: PlanTerms): Promise<string | null> {
  if (from === undefined && until === undefined) return null;
  const { accuracy, patience, minGain } = until ?? {};
  const { rows } = await client.query<{ id: string }>(
    `insert into rounds.plan (use_case, from_version, accuracy, patience, min_gain) values ($1, $2, $3, $4, $5) returning id`,
    [useCase, from ?? null, accuracy ?? null, patience ?? null, patience === undefined ? null : (minGain ?? 0)],
  );
  return rows[0]!.id;
}
