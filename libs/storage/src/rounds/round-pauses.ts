import { inTransaction, type Client, type Pool } from '../database/index.js';
import { lockRoundsOf } from './round-lock.js';

/** Of a row `r`. */
export const IS_PAUSED = 'exists (select from rounds.pause where use_case = r.use_case)';

const PAUSE = 'insert into rounds.pause (use_case) values ($1) on conflict do nothing';

/** What a round waited before the pause counts, the pause itself does not. */
const RESUME = `
  with over as (delete from rounds.pause where use_case = $1 returning use_case, paused_at)
  update rounds.round r set wait_until = wait_until + (now() - over.paused_at)
    from over where r.use_case = over.use_case and r.state = 'scheduled' and r.wait_until is not null`;

/** Holds a use case's scheduled rounds where they are. What is open goes on to its end. Both may be asked for twice. */
export class RoundPauses {
  constructor(private readonly pool: Pool) {}

  /** From when this resolves on, no round takes a slot, is announced or opens. */
  pause(useCase: string): Promise<void> {
    return this.#inTurn(useCase, async (client) => {
      await client.query(PAUSE, [useCase]);
      await tell(client, useCase);
    });
  }

  resume(useCase: string): Promise<void> {
    return this.#inTurn(useCase, async (client) => {
      await client.query(RESUME, [useCase]);
      await tell(client, useCase);
    });
  }

  /** Behind whatever is being sealed, announced or opened. */
  #inTurn(useCase: string, work: (client: Client) => Promise<void>): Promise<void> {
    return inTransaction(this.pool, async (client) => {
      await lockRoundsOf(client, useCase);
      await work(client);
    });
  }
}

/** Its rounds are seen otherwise, though their rows are what they were. */
const tell = (client: Client, useCase: string): Promise<unknown> =>
  client.query(
    "select pg_notify('starling_round', id::text) from rounds.round where use_case = $1 and state = 'scheduled'",
    [useCase],
  );
