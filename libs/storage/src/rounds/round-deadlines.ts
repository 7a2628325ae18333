import type { Pool } from '../database/index.js';
import { IS_PAUSED } from './round-pauses.js';

/** A round's turn comes when all before it of its use case are over: from then on it waits for nothing but its own. */
const BEGIN = `
  update rounds.round r set wait_until = now() + wait_ms * interval '1 millisecond'
   where state = 'scheduled' and wait_until is null and not ${IS_PAUSED}
     and not exists (select from rounds.round o where o.use_case = r.use_case and o.sequence < r.sequence
                       and o.state in ('scheduled', 'open', 'frozen'))`;

/** "300 s" in a sentence */
const seconds = (column: string): string => `ceil(${column} / 1000.0) || ' s'`;
const after = (column: string): string => `${column} + finish_ms * interval '1 millisecond' <= now()`;

const EXPIRE = `
  update rounds.round r
     set detail = case state
           when 'scheduled' then 'It could not open within ' || ${seconds('wait_ms')} || '. ' || coalesce(detail, 'It had its turn.')
           when 'open' then 'Nobody closed it within ' || ${seconds('finish_ms')} || ' after its deadline: look whether the worker runs.'
           else 'It was not summed up within ' || ${seconds('finish_ms')} || ': look whether the worker runs.'
         end,
         state = 'abandoned', reason = 'failed'
   where (state = 'scheduled' and wait_until <= now() and not ${IS_PAUSED})
      or (state = 'open' and ${after('closes_at')})
      or (state = 'frozen' and ${after('frozen_at')})`;

/** Sees that no round waits for ever. The times are in the rows and the clock is the database's. */
export class RoundDeadlines {
  constructor(private readonly pool: Pool) {}

  /** Starts the wait of every round whose turn has come. */
  async begin(): Promise<void> {
    await this.pool.query({ name: 'begin-waits', text: BEGIN });
  }

  /** Abandons every round whose wait is over, with a sentence that says what it waited for. @returns how many */
  async expire(): Promise<number> {
    return (await this.pool.query({ name: 'expire-rounds', text: EXPIRE })).rowCount ?? 0;
  }
}
