import 'reflect-metadata';

import { createRequire } from 'node:module';

import { logFailure, readTls, startApp } from '#edge';
import { chooseEngine, CredentialThreads, describeEngine } from '#engine';
import { announceReady, readConfig, stopOnSignals } from '#process';
import { FileBodyStore } from '#storage/bodies';
import { assertDurable, openPool } from '#storage/database';
import { assertMasterKey, Manifests, openMasterKey, PrimaryKeys, UnwrappedKeys } from '#storage/keys';

import { IntakeConfig } from './config.js';
import { IntakeModule } from './intake.module.js';
import { ConnectionTimes, IntakeSockets } from './intake-sockets.js';
import { KeyRing } from './key-ring.js';
import { readPermitKey } from './permit-key.js';
import { redemptionRefusal, type Redeem, type RedemptionItem } from './redemption.js';
import { Tally } from './tally.js';
import { Uploads } from './uploads.js';

const FLUSH_MS = 500;

// Unmasking what clients send takes five times as long in JavaScript: better to know.
try {
  createRequire(import.meta.url)('bufferutil');
} catch {
  console.warn('bufferutil did not load: uploads will be slow');
}

const config = readConfig(IntakeConfig);
const masterKey = await openMasterKey(config);
const permitKey = await readPermitKey(config);
const pool = openPool(config.DATABASE_URL, { max: 16 });
await assertDurable(pool);
const primaryKeys = new PrimaryKeys(pool);
await assertMasterKey(primaryKeys, masterKey);

const engine = await chooseEngine(config.CREDENTIAL_ENGINE);
console.log(describeEngine(engine));
const threads = new CredentialThreads<RedemptionItem, Uint8Array>(new URL('./redemption.worker.js', import.meta.url), {
  engine: engine.name,
  threads: config.CRYPTO_THREADS,
});
const keys = new KeyRing(new Manifests(pool), new UnwrappedKeys(primaryKeys, masterKey));
const { MAX_UPLOADS: maxUploads, MAX_BYTES_IN_FLIGHT: maxBytesInFlight } = config;
const bodies = new FileBodyStore(config.BODIES_DIRECTORY);
const uploads = new Uploads(bodies, permitKey, { maxUploads, maxBytesInFlight }, Date.now);

const times = new ConnectionTimes();
const redeem: Redeem = (item) =>
  threads.submit(item).catch((error: unknown) => {
    throw redemptionRefusal(error);
  });
const module = IntakeModule.with({ pool, keys, uploads, redeem, times, audience: config.AUDIENCE, engine });
const app = await startApp(
  module,
  // 4 kB of HTTP head and 20 kB of packet: what a stranger can make us hold, for 5 s.
  {
    host: config.HOST,
    port: config.PORT,
    tls: readTls(config),
    limits: {
      maxHeaderSize: 4096,
      headTimeoutMs: 5000,
      requestTimeoutMs: 5000,
      maxConnections: 2 * config.MAX_CONNECTIONS,
    },
    maxJsonBytes: 1024,
  },
  { sockets: (app) => new IntakeSockets(app, uploads, times, config.MAX_CONNECTIONS) },
);

const tally = app.get(Tally);
const sweepFailed = logFailure('uploads');
const timer = setInterval(() => void Promise.all([tally.flush(), uploads.sweep()]).catch(sweepFailed), FLUSH_MS);

stopOnSignals(
  async () => {
    clearInterval(timer);
    await app.close();
    await tally.flush();
    await threads.close();
    await pool.end();
  },
  { graceMs: 5000 },
);
announceReady({ name: 'intake', port: (app.getHttpServer().address() as { port: number }).port });
