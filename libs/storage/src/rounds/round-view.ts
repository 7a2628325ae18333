import { ROUNDS_PER_PAGE, type RoundsPage, type RoundView } from '#protocol';

import type { Pool } from '../database/index.js';
import { onDevices, SUMS_OF_FIGURES, type FigureColumns } from './device-figures.js';
import { MEASURING } from './models.js';
import { clipIn, RECORD_WITH_CLIP } from './round-clip.js';
import { IS_PAUSED } from './round-pauses.js';
import { BASE_VERSION, HAS_GOAL } from './round-plans.js';

const iso = (column: string): string => `to_char((${column}) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const IS_UNMEASURED = `r.state = 'published' and r.evaluates is null and m.evaluated_at is null
    and exists (select from keys.use_case u where u.id = r.use_case and u.draft ?& '{topology,evaluationSet}')`;

/** Its plan may be over before it: the model that it would begin with says. */
const AWAITS_FIGURES = `r.leaf is null and ${HAS_GOAL}
    and not exists (select from rounds.round o where o.use_case = r.use_case and o.sequence < r.sequence
                      and o.state in ('scheduled', 'open', 'frozen'))
    and exists (select from rounds.model n where n.use_case = r.use_case and n.version = (${BASE_VERSION})
                   and n.evaluated_at is null)`;

/** What a round that is not over, or whose model is not measured yet, waits for: a sentence. */
const WAITS_FOR = `
  case when r.state = 'scheduled' and ${IS_PAUSED} then 'The rounds of this use case are paused.'
       when r.state = 'scheduled' and ${AWAITS_FIGURES}
         then 'It waits for the model before it to be measured: its plan may be done.'
       when r.state = 'scheduled' and r.wait_until is null then coalesce(r.detail, 'It waits for the rounds before it.')
       when r.state = 'scheduled' then coalesce(r.detail, 'It waits for the coordinator to give it its slot.')
       when r.state = 'open' and now() < r.closes_at
         then 'It waits for updates, and needs at least ' || r.min || '.' || case when r.issued < r.target
           then ' Only ' || r.issued || ' tokens were issued for it, so it cannot reach its target: it closes when all are spent, or at its deadline.'
           else '' end
       when r.state = 'open' then 'Its time is up: it waits for the worker to close it.'
       when r.state = 'frozen' then 'It waits for the worker to sum ' || r.accepted || ' updates up.'
       when ${IS_UNMEASURED} then 'It is published. Its model waits for the worker to measure it.'
  end`;

const WAITS_UNTIL = `
  case when r.state = 'scheduled' and ${IS_PAUSED} then null
       when r.state = 'scheduled' then r.wait_until
       when r.state = 'open' and now() < r.closes_at then r.closes_at
       when r.state = 'open' then r.closes_at + r.finish_ms * interval '1 millisecond'
       when r.state = 'frozen' then r.frozen_at + r.finish_ms * interval '1 millisecond'
       when ${IS_UNMEASURED} then m.created_at + ${MEASURING}
  end`;

/** One row a round, as people see it; counts of an open round are counted now. */
const SELECT_VIEW = `
  select r.id, r.use_case as "useCase", r.sequence, r.state, r.reason, r.detail, r.epoch, r.slot, r.min, r.target,
         r.deadline_ms / 1000.0 as "deadlineSeconds", r.issued,
         coalesce(r.accepted, case when r.record is null then 0 else rounds.count_accepted(r.id) end) as accepted,
         coalesce(t.counts, '{}') as counts,
         encode(r.model_in, 'hex') as "modelIn", r.base_version as "baseVersion", encode(r.model_out, 'hex') as "modelOut",
         encode(r.accepted_root, 'hex') as "acceptedRoot",
         coalesce(m.accuracy, e.accuracy) as accuracy, coalesce(m.loss, e.loss) as loss, r.evaluates, ${SUMS_OF_FIGURES},
         l.epsilon, l.unclipped, ${RECORD_WITH_CLIP} as record,
         case when u.draft ? 'privacy' then coalesce(u.draft -> 'privacy' ->> 'mechanism', 'independent') end as noise,
         (u.draft -> 'privacy' ->> 'separation')::int as separation,
         ${iso('r.opened_at')} as "openedAt", ${iso('r.closes_at')} as "closesAt",
         ${iso('r.frozen_at')} as "frozenAt", ${iso('r.published_at')} as "publishedAt",
         ${WAITS_FOR} as "waitsFor", ${iso(WAITS_UNTIL)} as "waitsUntil", r.retry_of as "retryOf", r.plan
    from rounds.round r
    join keys.use_case u on u.id = r.use_case
    left join rounds.plan p on p.id = r.plan
    left join rounds.model m on m.round_id = r.id
    left join rounds.model e on e.use_case = r.use_case and e.version = r.evaluates
    left join rounds.release l on l.round_id = r.id
    left join lateral (select jsonb_object_agg(event, n) as counts from rounds.tally(r.id)) t on true`;

/** Rounds to come that a page has which begins at the present. */
const AHEAD = 20;

/** Of use case $1, up to $4 rounds: the first after $2, or the last before $3, or those about the first that is not over. */
const SELECT_PAGE = `
  with bound as (
    select coalesce($3::int, $2::int + $4 + 1,
                    (select min(sequence) + ${AHEAD} from rounds.round
                      where use_case = $1 and state in ('scheduled', 'open', 'frozen')),
                    2147483647) as top)
  ${SELECT_VIEW} where r.use_case = $1 and r.sequence < (select top from bound) and r.sequence > coalesce($2::int, 0)
   order by r.sequence desc limit $4`;

type Row = Omit<RoundView, 'submitted' | 'refusals' | 'deadlineSeconds' | 'onDevices' | 'clip'> & {
  readonly figures: FigureColumns | null;
  readonly record: Uint8Array | null;
  readonly deadlineSeconds: string;
  readonly counts: Readonly<Record<string, number>>;
};

/** Exclusive. */
export interface RoundsFrom {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
}

/** Rounds for people: API, CLI, dashboard. */
export class RoundViews {
  constructor(private readonly pool: Pool) {}

  async find(id: string): Promise<RoundView | undefined> {
    const { rows } = await this.pool.query<Row>({
      name: 'round-view',
      text: `${SELECT_VIEW} where r.id = $1`,
      values: [id],
    });
    return rows[0] && toView(rows[0]);
  }

  /** In ascending sequence; of one use case or of all. */
  async list(useCase?: string): Promise<RoundView[]> {
    const { rows } = await this.pool.query<Row>(
      `${SELECT_VIEW} where $1::text is null or r.use_case = $1 order by r.created_at, r.sequence`,
      [useCase ?? null],
    );
    return rows.map(toView);
  }

  /** A part of a use case's: the first after a sequence, the last before one, or those about the present. */
  async page(useCase: string, { after, before }: RoundsFrom): Promise<RoundsPage> {
    const last = await this.pool.query<{ last: number }>(
      'select coalesce(max(sequence), 0) as last from rounds.round where use_case = $1',
      [useCase],
    );
    const { rows } = await this.pool.query<Row>(SELECT_PAGE, [useCase, after ?? null, before ?? null, ROUNDS_PER_PAGE]);
    return { rounds: rows.map(toView).reverse(), last: last.rows[0]!.last };
  }

  /** Ids of the rounds that still move. */
  async open(): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>({
      name: 'open-rounds',
      text: "select id from rounds.round where state = 'open'",
    });
    return rows.map(({ id }) => id);
  }
}

function toView({ counts, deadlineSeconds, figures, record, ...row }: Row): RoundView {
  const { submitted = 0, ...refusals } = counts;
  const seen = { submitted, refusals, clip: clipIn(record), onDevices: onDevices(figures) };
  return { ...row, ...seen, deadlineSeconds: Number(deadlineSeconds) };
}
