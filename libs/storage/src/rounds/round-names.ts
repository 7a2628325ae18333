import type { Pool } from '../database/index.js';

/** What people call a round. */
export interface RoundName {
  readonly id: string;
  readonly useCase: string;
  readonly sequence: number;
}

const SELECT = 'select r.id, r.use_case as "useCase", r.sequence from rounds.round r';

/** For those who watch rounds by their jobs. */
export class RoundNames {
  constructor(private readonly pool: Pool) {}

  async find(roundId: string): Promise<RoundName | undefined> {
    return (await this.pool.query<RoundName>(`${SELECT} where r.id = $1`, [roundId])).rows[0];
  }

  /** The round that made this model version; undefined for an initial one. */
  async ofModel(useCase: string, version: number): Promise<RoundName | undefined> {
    const { rows } = await this.pool.query<RoundName>(
      `${SELECT} join rounds.model m on m.round_id = r.id where m.use_case = $1 and m.version = $2`,
      [useCase, version],
    );
    return rows[0];
  }
}
