import 'reflect-metadata';

import { createRequire } from 'node:module';

import { Door, logFailure, Readiness, readTls, startApp } from '#edge';
import { chooseEngine, CredentialThreads, describeEngine } from '#engine';
import { chooseKernel, describeKernel } from '#fold';
import { announceReady, Ending, exitBecause, readConfig, repeat, startLog, stopOnSignals, writeLog } from '#process';
import { FileBodyStore } from '#storage/bodies';
import { assertWritable, awaitDatabase, closePool, openPool } from '#storage/database';
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
/** For requests, and for uploads under way: most take less than a second. */
const DRAIN_MS = 2500;

startLog('intake');
// Unmasking what clients send takes five times as long in JavaScript: better to know.
try {
  createRequire(import.meta.url)('bufferutil');
} catch {
  writeLog({ level: 'warn', event: 'start', message: 'bufferutil did not load: uploads will be slow' });
}

const config = readConfig(IntakeConfig);
const masterKey = await openMasterKey(config);
const permitKey = await readPermitKey(config);
// 4 kB of HTTP head and 20 kB of packet: what a stranger can make us hold, for 5 s.
const limits = {
  maxHeaderSize: 4096,
  headTimeoutMs: 5000,
  requestTimeoutMs: 5000,
  maxConnections: 2 * config.MAX_CONNECTIONS,
};
const readiness = new Readiness();
const { HOST: host, PORT: port } = config;
const door = await Door.open({ host, port, limits, tls: readTls(config) }, readiness);
const ending = new Ending();
stopOnSignals(() => ending.run(), { graceMs: 6000 });

const pool = openPool(config.DATABASE_URL, { max: 16 });
ending.add(
  () => closePool(pool),
  () => door.close(),
);
const primaryKeys = new PrimaryKeys(pool);
await awaitDatabase(pool, () => assertMasterKey(primaryKeys, masterKey), {
  onWait: (reason) => readiness.waitFor(reason),
  signal: ending.signal,
}).catch(exitBecause);

const engine = await chooseEngine(config.CREDENTIAL_ENGINE);
writeLog({ level: 'info', event: 'engine', message: describeEngine(engine) });
const fold = chooseKernel();
writeLog({ level: 'info', event: 'kernel', message: describeKernel(fold) });
const threads = new CredentialThreads<RedemptionItem, Uint8Array>(new URL('./redemption.worker.js', import.meta.url), {
  engine: engine.name,
  threads: config.CRYPTO_THREADS,
});
const keys = new KeyRing(new Manifests(pool), new UnwrappedKeys(primaryKeys, masterKey));
const { MAX_UPLOADS: maxUploads, MAX_BYTES_IN_FLIGHT: maxBytesInFlight } = config;
const bodies = new FileBodyStore(config.BODIES_DIRECTORY);
const uploads = new Uploads(
  { bodies, permitKey, now: Date.now, measure: fold.kernel.measure },
  { maxUploads, maxBytesInFlight },
);

const times = new ConnectionTimes();
const redeem: Redeem = (item) =>
  threads.submit(item).catch((error: unknown) => {
    throw redemptionRefusal(error);
  });
const module = IntakeModule.with({
  pool,
  readiness,
  keys,
  uploads,
  redeem,
  times,
  maxOpening: config.MAX_OPENING,
  audience: config.AUDIENCE,
  engine,
});
const room = { maxConnections: config.MAX_CONNECTIONS, shed: door.shed };
const app = await startApp(
  door,
  module,
  { maxJsonBytes: 1024 },
  { sockets: (app) => new IntakeSockets(app, uploads, times, room) },
);

const tally = app.get(Tally);
const sweep = (): Promise<unknown> => Promise.all([tally.flush(), uploads.sweep()]);
ending.add(
  () => tally.flush(),
  () => threads.close(),
  () => app.close(),
  () => Promise.all([door.drain(DRAIN_MS), uploads.drain(DRAIN_MS)]),
  repeat(FLUSH_MS, sweep, logFailure('uploads')),
);
readiness.begin({
  PostgreSQL: () => assertWritable(pool),
  'room for bodies': () => bodies.assertRoom(),
  'its threads': () => threads.check(),
});
announceReady({ name: 'intake', port: door.port });
