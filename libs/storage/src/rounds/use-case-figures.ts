import type { Pool } from '../database/index.js';

/** Rounds of one use case in one state, and how long those that were published took in all. */
export interface RoundTotals {
  /** null: of all that are not among the newest, together */
  readonly useCase: string | null;
  readonly state: string;
  readonly rounds: number;
  /** seconds of published rounds, by phase */
  readonly seconds: Readonly<Record<'waiting' | 'open' | 'fold' | 'publish' | 'evaluate', number>>;
}

/** Where a use case stands. Null where there is nothing yet. */
export interface UseCaseStand {
  readonly useCase: string;
  /** devices with a token for the slot that a round took last */
  readonly anonymitySet: number | null;
  /** updates of the round that was closed last */
  readonly cohort: number | null;
  readonly epsilon: number | null;
  readonly epsilonMax: number | null;
  readonly version: number | null;
  /** of the newest version that was measured */
  readonly accuracy: number | null;
}

const NEWEST = "select id, created_at from keys.use_case where state = 'live' order by created_at desc, id limit $1";

const seconds = (from: string, to: string): string =>
  `coalesce(sum(extract(epoch from ${to} - ${from})) filter (where r.state = 'published'), 0)::float8`;

const TOTALS = `
  with newest as (${NEWEST})
  select n.id as "useCase", r.state, count(*)::int as rounds,
         jsonb_build_object(
           'waiting', ${seconds("(r.wait_until - r.wait_ms * interval '1 millisecond')", 'r.opened_at')},
           'open', ${seconds('r.opened_at', 'r.frozen_at')},
           'fold', ${seconds('r.frozen_at', 'r.summed_at')},
           'publish', ${seconds('r.summed_at', 'r.published_at')},
           'evaluate', ${seconds('r.published_at', 'case when m.accuracy is not null then m.evaluated_at end')}) as seconds
    from rounds.round r left join newest n on n.id = r.use_case left join rounds.model m on m.round_id = r.id
   group by n.id, r.state`;

const STANDS = `
  with newest as (${NEWEST})
  select u.id as "useCase", (u.draft -> 'privacy' ->> 'epsilonMax')::float8 as "epsilonMax",
         (select r.issued from rounds.round r where r.use_case = u.id and r.issued is not null
           order by r.sealed_at desc limit 1) as "anonymitySet",
         (select r.accepted from rounds.round r where r.use_case = u.id and r.frozen_at is not null
           order by r.frozen_at desc limit 1) as cohort,
         (select max(l.epsilon) from rounds.release l where l.use_case = u.id) as epsilon,
         (select max(m.version) from rounds.model m where m.use_case = u.id) as version,
         (select m.accuracy from rounds.model m where m.use_case = u.id and m.accuracy is not null
           order by m.version desc limit 1) as accuracy
    from newest n join keys.use_case u on u.id = n.id`;

/** Figures for people who watch a deployment: of the newest use cases one by one, of the others together. */
export class UseCaseFigures {
  constructor(
    private readonly pool: Pool,
    private readonly most: number,
  ) {}

  async totals(): Promise<RoundTotals[]> {
    return (await this.pool.query<RoundTotals>(TOTALS, [this.most])).rows;
  }

  async stands(): Promise<UseCaseStand[]> {
    return (await this.pool.query<UseCaseStand>(STANDS, [this.most])).rows;
  }
}
