import { createPostgresBackend, setDefaultBackendFactory, type ConnectionOptions } from 'bullmq';

/** Connections a queue, worker or flow producer may open. */
const MAX_CONNECTIONS = 3;

/**
 * Makes BullMQ keep its jobs in the PostgreSQL that is there anyway. To be called before Nest starts.
 *
 * @param settings  of its connections, as the driver knows them: with timeouts, or a server that hangs stops the queue
 *
 * Nothing may wait for BullMQ's queue events: on this backend a tenth of them is lost under load.
 */
export function queueConnection(databaseUrl: string, settings: object): ConnectionOptions {
  setDefaultBackendFactory(createPostgresBackend);
  return { connectionString: databaseUrl, max: MAX_CONNECTIONS, ...settings } as unknown as ConnectionOptions;
}
