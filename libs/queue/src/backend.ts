import { createPostgresBackend, setDefaultBackendFactory, type ConnectionOptions } from 'bullmq';

/** Connections a queue, worker or flow producer may open. */
const MAX_CONNECTIONS = 3;

/**
 * A worker that waits for word of a job looks for itself after so long, s. By itself this backend lets it wait an hour,
 * and after an outage it may wait for word that was given before it listened.
 */
const LONGEST_WAIT_S = 1;

/** On PostgreSQL, and never out of touch with it. */
const createBackend: typeof createPostgresBackend = (name, options, more) =>
  Object.defineProperty(createPostgresBackend(name, options, more), 'maximumBlockTimeout', { value: LONGEST_WAIT_S });

/**
 * Makes BullMQ keep its jobs in the PostgreSQL that is there anyway. To be called before Nest starts.
 *
 * @param settings  of its connections, as the driver knows them: with timeouts, or a server that hangs stops the queue
 *
 * Nothing may wait for BullMQ's queue events: on this backend a tenth of them is lost under load.
 */
export function queueConnection(databaseUrl: string, settings: object): ConnectionOptions {
  setDefaultBackendFactory(createBackend);
  return { connectionString: databaseUrl, max: MAX_CONNECTIONS, ...settings } as unknown as ConnectionOptions;
}
