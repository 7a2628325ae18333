import type { ModelView } from '#protocol';

import type { Pool } from '../database/index.js';

const SELECT_MODEL = `
  select encode(digest, 'hex') as digest, use_case as "useCase", version, round_id as "roundId", parameters, accuracy, loss,
         to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt"
    from rounds.model`;

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

  /** Newest first. */
  async list(useCase?: string): Promise<ModelView[]> {
    const { rows } = await this.pool.query<ModelView>(
      `${SELECT_MODEL} where $1::text is null or use_case = $1 order by created_at desc, version desc`,
      [useCase ?? null],
    );
    return rows;
  }

  async ofRound(roundId: string): Promise<ModelView | undefined> {
    const { rows } = await this.pool.query<ModelView>(`${SELECT_MODEL} where round_id = $1`, [roundId]);
    return rows[0];
  }

  /** Some version with this digest: equal bytes, so any will do. */
  async find(digest: Uint8Array): Promise<ModelView | undefined> {
    const { rows } = await this.pool.query<ModelView>(`${SELECT_MODEL} where digest = $1 order by version limit 1`, [
      digest,
    ]);
    return rows[0];
  }

  async unevaluated(): Promise<UnevaluatedModel[]> {
    const { rows } = await this.pool.query<UnevaluatedModel>(
      `select m.use_case as "useCase", m.version, m.digest, decode(t.evaluation_set, 'hex') as "evaluationSet",
              decode(t.topology, 'hex') as topology
         from rounds.model m join rounds.task t on t.use_case = m.use_case
        where m.evaluated_at is null and t.evaluation_set is not null and t.topology is not null
        order by m.created_at, m.version`,
    );
    return rows;
  }

  /** What could not be measured within a day stays without figures. */
  async giveUpMeasuring(): Promise<void> {
    await this.pool.query(
      `update rounds.model set evaluated_at = now() where evaluated_at is null and created_at + ${MEASURING} < now()`,
    );
  }

  async setFigures(useCase: string, version: number, figures: Figures): Promise<void> {
    await this.pool.query(
      `update rounds.model set accuracy = $3, loss = $4, evaluated_at = now()
        where use_case = $1 and version = $2 and evaluated_at is null`,
      [useCase, version, figures.accuracy, figures.loss],
    );
  }
}
