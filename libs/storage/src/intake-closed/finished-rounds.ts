import type { Pool } from '../database/index.js';

/** What is left of rounds that are over: their bodies, to be deleted. */
export class FinishedRounds {
  constructor(private readonly pool: Pool) {}

  /** Published or abandoned rounds whose bodies may still be in the store. */
  async withBodies(): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>({
      name: 'rounds-with-bodies',
      text: `select id from rounds.round where state in ('published', 'abandoned') and not bodies_deleted`,
    });
    return rows.map(({ id }) => id);
  }

  /** Ids of every body and partial sum of a round. */
  async bodiesOf(roundId: string): Promise<Uint8Array[]> {
    const { rows } = await this.pool.query<{ id: Uint8Array }>(
      `select body_id as id from intake_closed.submission where round_id = $1
       union all select file_id from rounds.partial where round_id = $1`,
      [roundId],
    );
    return rows.map(({ id }) => id);
  }

  /** Of a private task what could take the noise off goes too: digests of exact sums, a seed that came to no release, bits. Norms of single updates go with them. */
  async markDeleted(roundId: string): Promise<void> {
    await this.pool.query(
      `delete from rounds.partial p using rounds.round r, rounds.task t
        where p.round_id = $1 and r.id = $1 and t.use_case = r.use_case and t.privacy is not null`,
      [roundId],
    );
    await this.pool.query('delete from rounds.noise where round_id = $1', [roundId]);
    await this.pool.query('select rounds.forget_bits($1)', [roundId]);
    await this.pool.query('update rounds.partial set squared_norms = null where round_id = $1', [roundId]);
    await this.pool.query('update rounds.round set bodies_deleted = true where id = $1', [roundId]);
  }

  /** Of these files, the ones that nothing names. */
  async unreferenced(ids: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const { rows } = await this.pool.query<{ id: Uint8Array }>(
      'select id from intake_closed.unreferenced($1) as t (id)',
      [ids],
    );
    return rows.map(({ id }) => id);
  }
}
