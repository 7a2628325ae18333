import { startTestServer } from './fixtures/postgres.js';

let stop: (() => Promise<void>) | undefined;

/** Jest's global set-up: one PostgreSQL for all test files that need one. */
export default async function setup(): Promise<void> {
  stop = await startTestServer();
}

/** The other half runs in this very process. */
export async function teardown(): Promise<void> {
  await stop?.();
}
