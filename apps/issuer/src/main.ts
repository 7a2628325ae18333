import 'reflect-metadata';

import { logFailure, readTls, startApp } from '#edge';
import { chooseEngine, CredentialThreads, describeEngine } from '#engine';
import { announceReady, readConfig, stopOnSignals } from '#process';
import { assertDurable, listen, openPool } from '#storage/database';
import { Issuances } from '#storage/identity';
import { assertMasterKey, DerivedKeyLists, Manifests, openMasterKey, PrimaryKeys, UnwrappedKeys } from '#storage/keys';

import { IssuerConfig } from './config.js';
import { DerivedKeyDesk } from './derived-key-desk.js';
import type { EvaluatedToken, IssuerAnswer, IssuerItem, PublicDerivedKey } from './evaluation.js';
import { IssuerModule } from './issuer.module.js';
import { KeyRing } from './key-ring.js';
import { KeyUsage } from './key-usage.js';

const FLUSH_MS = 500;

const config = readConfig(IssuerConfig);
const encryption = await openMasterKey(config);
const pool = openPool(config.DATABASE_URL);
await assertDurable(pool);
const primaryKeys = new PrimaryKeys(pool);
await assertMasterKey(primaryKeys, encryption);

const engine = await chooseEngine(config.CREDENTIAL_ENGINE);
console.log(describeEngine(engine));
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
// Drafts and rotations ask for a key by notification; the timer catches what was missed while not listening.
const makeKeys = (): void =>
  void keys
    .makeWanted()
    .then(() => derivedKeys.writeMissing())
    .catch(logKeys);
const news = await listen(config.DATABASE_URL, ['starling_use_case'], makeKeys);
const usageFailed = logFailure('key usage');
const timers = [setInterval(makeKeys, 2000), setInterval(() => void usage.flush().catch(usageFailed), FLUSH_MS)];

const module = IssuerModule.with({
  pool,
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
const app = await startApp(module, {
  host: config.HOST,
  port: config.PORT,
  tls: readTls(config),
  allowedOrigins: config.ALLOWED_ORIGINS,
});

stopOnSignals(
  async () => {
    timers.forEach(clearInterval);
    await app.close();
    await usage.flush();
    await news.close();
    await threads.close();
    await pool.end();
  },
  { graceMs: 5000 },
);
announceReady({ name: 'issuer', port: (app.getHttpServer().address() as { port: number }).port });
