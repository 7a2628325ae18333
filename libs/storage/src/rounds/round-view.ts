import type { RoundView } from '#protocol';

import type { Pool } from '../database/index.js';

const iso = (column: string): string => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** One row a round, as people see it; counts of an open round are counted now. */
const SELECT_VIEW = `
  select r.id, r.use_case as "useCase", r.sequence, r.state, r.reason, r.detail, r.epoch, r.slot, r.min, r.target,
         r.deadline_ms / 1000.0 as "deadlineSeconds", r.issued,
         coalesce(r.accepted, case when r.record is null then 0 else rounds.count_accepted(r.id) end) as accepted,
         coalesce(t.counts, '{}') as counts,
         encode(r.model_in, 'hex') as "modelIn", encode(r.model_out, 'hex') as "modelOut",
         encode(r.accepted_root, 'hex') as "acceptedRoot", m.accuracy, m.loss,
         ${iso('r.opened_at')} as "openedAt", ${iso('r.closes_at')} as "closesAt",
         ${iso('r.frozen_at')} as "frozenAt", ${iso('r.published_at')} as "publishedAt"
    from rounds.round r
    left join rounds.model m on m.round_id = r.id
    left join lateral (select jsonb_object_agg(event, n) as counts from rounds.tally(r.id)) t on true`;

type Row = Omit<RoundView, 'submitted' | 'refusals' | 'deadlineSeconds'> & {
  readonly deadlineSeconds: string;
  readonly counts: Readonly<Record<string, number>>;
};

/** Rounds for people: API, CLI, dashboard. */
export class RoundViews {
  constructor(private readonly pool: Pool) {}

  async find(id: string): Promise<RoundView | undefined> {
    const { rows } = await this.pool.query<Row>(`${SELECT_VIEW} where r.id = $1`, [id]);
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

  /** Ids of the rounds that still move. */
  async open(): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>("select id from rounds.round where state = 'open'");
    return rows.map(({ id }) => id);
  }
}

function toView({ counts, deadlineSeconds, ...row }: Row): RoundView {
  const { submitted = 0, ...refusals } = counts;
  return { ...row, deadlineSeconds: Number(deadlineSeconds), submitted, refusals };
}
