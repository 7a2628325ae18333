import pg from 'pg';

import { KEEP_ALIVE } from './pool.js';

/** Where news comes from: triggers notify these channels. */
export type Channel = 'starling_round' | 'starling_model' | 'starling_use_case';

export interface Listener {
  close(): Promise<void>;
}

const RECONNECT_MS = 1000;
/** Nothing is asked on this connection, so a server that hangs or is cut off would never be noticed. */
const HEARTBEAT_MS = 5000;
const ANSWER_MS = 4000;

/**
 * Calls `onNotify` for every notification, on a connection of its own that is opened again when it
 * breaks or goes silent; also when the first one fails. News may be missed meanwhile: whoever listens also polls,
 * and `onNotify(channel, '')` after each (re)connect says that anything may have happened.
 */
export async function listen(
  connectionString: string,
  channels: readonly Channel[],
  onNotify: (channel: Channel, payload: string) => void,
): Promise<Listener> {
  let closed = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;

  const reconnect = (): void => {
    if (!closed) timer = setTimeout(() => void connect().catch(reconnect), RECONNECT_MS);
  };
  const connect = async (): Promise<void> => {
    const timeouts = { connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS };
    const next = (client = new pg.Client({ connectionString, ...KEEP_ALIVE, ...timeouts }));
    next.on('error', () => {});
    next.on('notification', ({ channel, payload }) => onNotify(channel as Channel, payload ?? ''));
    try {
      await next.connect();
      for (const channel of channels) await next.query(`listen ${channel}`);
    } catch (error) {
      void next.end().catch(() => {});
      throw error;
    }
    // Ending it with a query under way breaks the connection, which then is opened again.
    const listening = setInterval(
      () => void next.query('select 1').catch(() => next.end().catch(() => {})),
      HEARTBEAT_MS,
    );
    next.once('end', () => clearInterval(listening));
    // Not before: one that failed on the way would be tried again twice, and those two twice each.
    next.once('end', reconnect);
    for (const channel of channels) onNotify(channel, '');
  };

  await connect().catch(reconnect);
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end();
    },
  };
}
