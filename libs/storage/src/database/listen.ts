import pg from 'pg';

/** Where news comes from: triggers notify these channels. */
export type Channel = 'starling_round' | 'starling_model' | 'starling_use_case';

export interface Listener {
  close(): Promise<void>;
}

const RECONNECT_MS = 1000;

/**
 * Calls `onNotify` for every notification, on a connection of its own that is opened again when it
 * breaks. News may be missed meanwhile: whoever listens also polls, and `onNotify(channel, '')` after
 * each (re)connect says that anything may have happened.
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
    const next = (client = new pg.Client({ connectionString, keepAlive: true }));
    next.on('error', () => {});
    next.on('notification', ({ channel, payload }) => onNotify(channel as Channel, payload ?? ''));
    try {
      await next.connect();
      for (const channel of channels) await next.query(`listen ${channel}`);
    } catch (error) {
      void next.end().catch(() => {});
      throw error;
    }
    // Not before: one that failed on the way would be tried again twice, and those two twice each.
    next.once('end', reconnect);
    for (const channel of channels) onNotify(channel, '');
  };

  await connect();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end();
    },
  };
}
