import { inTransaction, type Pool } from '../database/index.js';
import { lockRoundsOf } from './round-lock.js';

/** A new round, last in the line, with all of the abandoned one's plan but what the use case says now. */
const RETRY = `
  insert into rounds.round (use_case, sequence, min, target, deadline_ms, jitter_ms, wait_ms, finish_ms, plan, evaluates, loss_bound, retry_of)
  select use_case, (select max(sequence) + 1 from rounds.round o where o.use_case = r.use_case),
         min, target, deadline_ms, $2, wait_ms, finish_ms, plan, evaluates, loss_bound, id
    from rounds.round r where id = $1 and state = 'abandoned'
     and not exists (select from rounds.round o where o.plan = r.plan and o.reason = 'plan_done')
  on conflict (retry_of) do nothing returning id`;

/** Rounds in the place of abandoned ones. */
export class RoundRetries {
  constructor(private readonly pool: Pool) {}

  /**
   * @param jitterMs  W as the use case has it now
   * @returns the new round's id; undefined where this one is not abandoned, has one in its place already, or was of a plan that is done
   */
  async retry(round: { readonly id: string; readonly useCase: string }, jitterMs: number): Promise<string | undefined> {
    return inTransaction(this.pool, async (client) => {
      await lockRoundsOf(client, round.useCase);
      const { rows } = await client.query<{ id: string }>(RETRY, [round.id, jitterMs]);
      return rows[0]?.id;
    });
  }
}
