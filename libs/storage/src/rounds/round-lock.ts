import type { Client } from '../database/index.js';

/** Held until the transaction ends: a use case's rounds are numbered one after the other, and none moves on beside a pause. */
export const lockRoundsOf = (client: Client, useCase: string): Promise<unknown> =>
  client.query("select pg_advisory_xact_lock(hashtext('starling rounds of ' || $1))", [useCase]);
