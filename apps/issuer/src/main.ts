import 'reflect-metadata';

import { Door, LIMITS, logFailure, Readiness, readTls, startApp } from '#edge';
import { chooseEngine, CredentialThreads, describeEngine } from '#engine';
import { announceReady, Ending, exitBecause, readConfig, repeat, startLog, stopOnSignals, writeLog } from '#process';
import { assertWritable, awaitDatabase, closePool, listen, openPool } from '#storage/database';
import { Issuances } from '#storage/identity';
import { assertMasterKey, DerivedKeyLists, Manifests, openMasterKey, PrimaryKeys, UnwrappedKeys } from '#storage/keys';

import { IssuerConfig } from './config.js';
import { DerivedKeyDesk } from './derived-key-desk.js';
import type { EvaluatedToken, IssuerAnswer, IssuerItem, PublicDerivedKey } from './evaluation.js';
import { IssuerModule } from './issuer.module.js';
import { KeyRing } from './key-ring.js';
import { KeyUsage } from './key-usage.js';

const FLUSH_MS = 500;
const MAKE_KEYS_MS = 2000;
const DRAIN_MS = 3000;

startLog('issuer');
const config = readConfig(IssuerConfig);
const encryption = await openMasterKey(config);
const readiness = new Readiness();
const limits = { ...LIMITS, maxConnections: config.MAX_CONNECTIONS };
const { HOST: host, PORT: port } = config;
const door = await Door.open({ host, port, limits, tls: readTls(config) }, readiness);
const ending = new Ending();
stopOnSignals(() => ending.run(), { graceMs: 5000 });

const pool = openPool(config.DATABASE_URL);
ending.add(
  () => closePool(pool),
  () => door.close(),
);
const primaryKeys = new PrimaryKeys(pool);
await awaitDatabase(pool, () => assertMasterKey(primaryKeys, encryption), {
  onWait: (reason) => readiness.waitFor(reason),
  signal: ending.signal,
}).catch(exitBecause);

const engine = await chooseEngine(config.CREDENTIAL_ENGINE);
writeLog({ level: 'info', event: 'engine', message: describeEngine(engine) });
const threads = new CredentialThreads<IssuerItem, IssuerAnswer>(new URL('./evaluation.worker.js', import.meta.url), {
  engine: engine.name,
  threads: config.CRYPTO_THREADS,
});
const unwrapped = new UnwrappedKeys(primaryKeys, encryption);
const manifests = new Manifests(pool);
const keys = new KeyRing({ primaryKeys, manifests, encryption, keys: unwrapped, engine: engine.engine });
const usage = new KeyUsage(primaryKeys);
const derivedKeys = new DerivedKeyDesk({
  keys,
  lists: new DerivedKeyLists(pool),
  issuances: new Issuances(pool),
  derive: (item) => threads.submit(item) as Promise<PublicDerivedKey>,
});

const logKeys = logFailure('keys');
const makeKeys = async (): Promise<void> => {
  await keys.makeWanted();
  await derivedKeys.writeMissing();
};
// Drafts and rotations ask for a key by notification; the timer catches what was missed while not listening.
const news = await listen(config.DATABASE_URL, ['starling_use_case'], () => void makeKeys().catch(logKeys));

const module = IssuerModule.with({
  pool,
  readiness,
  keys,
  usage,
  audience: config.AUDIENCE,
  requestsPerMinute: config.REQUESTS_PER_MINUTE,
  tokensPerSecond: config.TOKENS_PER_SECOND,
  enrolments: { each: config.ENROLMENTS_PER_CODE_PER_MINUTE, total: config.ENROLMENTS_PER_MINUTE },
  derivedKeys,
  evaluate: (item) => threads.submit(item) as Promise<EvaluatedToken>,
  engine,
});
const { MAX_REQUESTS: maxRequests, ALLOWED_ORIGINS: allowedOrigins } = config;
const app = await startApp(door, module, { maxRequests, allowedOrigins });
ending.add(
  () => usage.flush(),
  () => threads.close(),
  () => news.close(),
  () => app.close(),
  () => door.drain(DRAIN_MS),
  repeat(MAKE_KEYS_MS, makeKeys, logKeys),
  repeat(FLUSH_MS, () => usage.flush(), logFailure('key usage')),
);
readiness.begin({ PostgreSQL: () => assertWritable(pool), 'its threads': () => threads.check() });
announceReady({ name: 'issuer', port: door.port });
