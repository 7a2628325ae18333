import {
  NORM_QUANTILES,
  type CurvesView,
  type MetricsView,
  type PhaseSeconds,
  type RoundFigures,
  type RoundMetrics,
} from '#protocol';

import type { Pool } from '../database/index.js';
import { onDevices, SUMS_OF_FIGURES, type FigureColumns } from './device-figures.js';
import { clipIn, RECORD_WITH_CLIP } from './round-clip.js';

const between = (from: string, to: string): string => `round(extract(epoch from ${to} - ${from})::numeric, 3)::float8`;

/** A round's turn begins when the wait does; what it was paused for is not in it. Models of private tasks have no norms. */
const SELECT_METRICS = `
  select r.sequence as round, r.id as "roundId", r.state, r.reason, m.version, r.base_version as parent, r.evaluates,
         coalesce(m.accuracy, e.accuracy) as accuracy, coalesce(m.loss, e.loss) as loss, ${SUMS_OF_FIGURES},
         l.epsilon, l.unclipped, ${RECORD_WITH_CLIP} as record, r.issued, coalesce(r.accepted, 0) as cohort,
         coalesce(t.counts, '{}') as counts, r.norm_quantiles as quantiles,
         ${between("(r.wait_until - r.wait_ms * interval '1 millisecond')", 'r.opened_at')} as waiting,
         ${between('r.opened_at', 'r.frozen_at')} as open, ${between('r.frozen_at', 'r.summed_at')} as fold,
         ${between('r.summed_at', 'r.published_at')} as publish,
         case when m.accuracy is not null then ${between('r.published_at', 'm.evaluated_at')} end as evaluate,
         to_char(coalesce(r.published_at, r.frozen_at, r.closes_at) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "endedAt"
    from rounds.round r
    left join rounds.model m on m.round_id = r.id
    left join rounds.model e on e.use_case = r.use_case and e.version = r.evaluates
    left join rounds.release l on l.round_id = r.id
    left join lateral (select jsonb_object_agg(event, n) as counts from rounds.tally(r.id)) t on true
   where r.use_case = $1 and r.sequence > $2 and r.opened_at is not null and r.state in ('published', 'abandoned')
   order by r.sequence`;

type Row = Omit<RoundMetrics, 'submitted' | 'refusals' | 'updateNorms' | 'seconds' | 'onDevices' | 'clip'> &
  PhaseSeconds & {
    readonly counts: Readonly<Record<string, number>>;
    readonly quantiles: readonly number[] | null;
    readonly figures: FigureColumns | null;
    readonly record: Uint8Array | null;
  };

/** What rounds came to, for people and their plots. */
export class MetricsOfRounds {
  constructor(private readonly pool: Pool) {}

  /** @param after  of the rounds with a greater sequence */
  async find(useCase: string, after: number = 0): Promise<MetricsView> {
    const { rows } = await this.pool.query<Row>(SELECT_METRICS, [useCase, after]);
    const initial = await this.pool.query<MetricsView['initial']>(
      'select accuracy, loss from rounds.model where use_case = $1 and version = 0',
      [useCase],
    );
    return { useCase, initial: initial.rows[0] ?? { accuracy: null, loss: null }, rounds: rows.map(toMetrics) };
  }

  /** Of all rounds, in a third of the bytes. */
  async curves(useCase: string): Promise<CurvesView> {
    const { rounds } = await this.find(useCase);
    return { useCase, rounds: rounds.map(toFigures) };
  }
}

function toFigures(metrics: RoundMetrics): RoundFigures {
  const { round, evaluates, accuracy, loss, onDevices, epsilon, clip, issued, refusals } = metrics;
  return { round, evaluates, accuracy, loss, onDevices, epsilon, clip, issued, refusals };
}

function toMetrics(metrics: Row): RoundMetrics {
  const { counts, quantiles, record, figures, waiting, open, fold, publish, evaluate, ...row } = metrics;
  const { submitted = 0, ...refusals } = counts;
  const updateNorms =
    quantiles &&
    (Object.fromEntries(NORM_QUANTILES.map((name, i) => [name, quantiles[i]!])) as RoundMetrics['updateNorms']);
  const seconds = { waiting, open, fold, publish, evaluate };
  return { ...row, clip: clipIn(record), onDevices: onDevices(figures), submitted, refusals, updateNorms, seconds };
}
