import { decodeManifest, ENCODING, type ModelView } from '#protocol';

import type { Pool } from '../database/index.js';
import { onDevices, SUMS_OF_FIGURES, type FigureColumns } from './device-figures.js';

const SELECT_MODEL = `
  select encode(m.digest, 'hex') as digest, m.use_case as "useCase", m.version, m.round_id as "roundId", r.sequence as round,
         r.base_version as parent, l.epsilon, r.end_leaf::float8 as leaf, m.parameters, m.accuracy, m.loss, d.figures,
         to_char(m.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt"
    from rounds.model m
    left join rounds.round r on r.id = m.round_id
    left join rounds.release l on l.round_id = m.round_id
    left join lateral (select ${SUMS_OF_FIGURES} from rounds.round r
                        where r.use_case = m.use_case and r.evaluates = m.version and r.state = 'published'
                        order by r.sequence desc limit 1) d on true`;

/** What no later manifest changes (KEY5). */
const SELECT_MANIFESTS = `
  select distinct on (use_case) use_case as "useCase", bytes from keys.manifest where use_case = any ($1) order by use_case, version`;

type Row = Omit<ModelView, 'strategy' | 'encoding' | 'onDevices'> & { readonly figures: FigureColumns | null };

/** How long a model waits to be measured. */
export const MEASURING = "interval '1 day'";

/** A model that has no figures yet, with the set that gives them. */
export interface UnevaluatedModel {
  readonly useCase: string;
  readonly version: number;
  readonly digest: Uint8Array;
  readonly evaluationSet: Uint8Array;
  readonly topology: Uint8Array;
}

/** Both null where the model could not be measured. */
export interface Figures {
  readonly accuracy: number | null;
  readonly loss: number | null;
}

/** Model versions and what they are worth. The bytes are in the model store, under their digest. */
export class Models {
  constructor(private readonly pool: Pool) {}

  async addInitial(useCase: string, digest: Uint8Array, parameters: number): Promise<void> {
    await this.pool.query(
      'insert into rounds.model (use_case, version, digest, parameters) values ($1, 0, $2, $3) on conflict do nothing',
      [useCase, digest, parameters],
    );
  }

  async has(useCase: string, version: number): Promise<boolean> {
    const { rowCount } = await this.pool.query('select from rounds.model where use_case = $1 and version = $2', [
      useCase,
      version,
    ]);
    return rowCount === 1;
  }

  /** The newest; undefined where there is not even an initial model. */
  async newest(useCase: string): Promise<number | undefined> {
    const { rows } = await this.pool.query<{ version: number | null }>(
      'select max(version) as version from rounds.model where use_case = $1',
      [useCase],
    );
    return rows[0]?.version ?? undefined;
  }

  /** Newest first. */
  async list(useCase?: string): Promise<ModelView[]> {
    const { rows } = await this.pool.query<Row>(
      `${SELECT_MODEL} where $1::text is null or m.use_case = $1 order by m.created_at desc, m.version desc`,
      [useCase ?? null],
    );
    return this.#withRules(rows);
  }

  async ofRound(roundId: string): Promise<ModelView | undefined> {
    const { rows } = await this.pool.query<Row>(`${SELECT_MODEL} where m.round_id = $1`, [roundId]);
    return (await this.#withRules(rows))[0];
  }

  /** Whether some version has this digest. */
  async isModel(digest: Uint8Array): Promise<boolean> {
    const text = 'select from rounds.model where digest = $1 limit 1';
    const { rowCount } = await this.pool.query({ name: 'is-model', text, values: [digest] });
    return rowCount === 1;
  }

  /** Some version with this digest: equal bytes, so any will do. */
  async find(digest: Uint8Array): Promise<ModelView | undefined> {
    const { rows } = await this.pool.query<Row>({
      name: 'find-model',
      text: `${SELECT_MODEL} where m.digest = $1 order by m.version limit 1`,
      values: [digest],
    });
    return (await this.#withRules(rows))[0];
  }

  async #withRules(rows: readonly Row[]): Promise<ModelView[]> {
    const useCases = [...new Set(rows.map(({ useCase }) => useCase))];
    const found = await this.pool.query<{ useCase: string; bytes: Uint8Array }>({
      name: 'manifests-of-models',
      text: SELECT_MANIFESTS,
      values: [useCases],
    });
    const rules = new Map(found.rows.map(({ useCase, bytes }) => [useCase, rulesOf(bytes)]));
    return rows.map(({ figures, ...row }) => ({
      ...row,
      onDevices: onDevices(figures),
      ...(rules.get(row.useCase) ?? NO_RULES),
    }));
  }

  async unevaluated(): Promise<UnevaluatedModel[]> {
    const { rows } = await this.pool.query<UnevaluatedModel>({
      name: 'unevaluated-models',
      text: `select m.use_case as "useCase", m.version, m.digest, decode(t.evaluation_set, 'hex') as "evaluationSet",
                    decode(t.topology, 'hex') as topology
               from rounds.model m join rounds.task t on t.use_case = m.use_case
              where m.evaluated_at is null and t.evaluation_set is not null and t.topology is not null
              order by m.created_at, m.version`,
    });
    return rows;
  }

  /** What could not be measured within a day stays without figures. */
  async giveUpMeasuring(): Promise<void> {
    await this.pool.query({
      name: 'give-up-measuring',
      text: `update rounds.model set evaluated_at = now() where evaluated_at is null and created_at + ${MEASURING} < now()`,
    });
  }

  async setFigures(useCase: string, version: number, figures: Figures): Promise<void> {
    await this.pool.query(
      `update rounds.model set accuracy = $3, loss = $4, evaluated_at = now()
        where use_case = $1 and version = $2 and evaluated_at is null`,
      [useCase, version, figures.accuracy, figures.loss],
    );
  }
}

const NO_RULES = { strategy: null, encoding: null };

function rulesOf(bytes: Uint8Array): Pick<ModelView, 'strategy' | 'encoding'> {
  const { strategy, encoding } = decodeManifest(bytes);
  const [name] = Object.entries(ENCODING).find(([, number]) => number === encoding) ?? [`${encoding}`];
  return { strategy, encoding: name };
}
