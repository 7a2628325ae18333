import 'reflect-metadata';

import { availableParallelism } from 'node:os';

import { logFailure, startApp } from '#edge';
import { announceReady, openThreads, readConfig, stopOnSignals } from '#process';
import { assertDurable, listen, openPool } from '#storage/database';
import { Manifests, openMasterKey, PrimaryKeys, UnwrappedKeys } from '#storage/keys';

import { IssuerConfig } from './config.js';
import type { EvaluationResult, EvaluationTask } from './evaluation.js';
import { IssuerModule } from './issuer.module.js';
import { KeyRing } from './key-ring.js';
import { KeyUsage } from './key-usage.js';

const FLUSH_MS = 500;

const config = readConfig(IssuerConfig);
const encryption = await openMasterKey(config);
const pool = openPool(config.DATABASE_URL);
await assertDurable(pool);

const threads = openThreads<EvaluationTask, EvaluationResult>(new URL('./evaluation.worker.js', import.meta.url), {
  threads: config.CRYPTO_THREADS === 0 ? availableParallelism() : config.CRYPTO_THREADS,
});
const primaryKeys = new PrimaryKeys(pool);
const unwrapped = new UnwrappedKeys(primaryKeys, encryption);
const keys = new KeyRing({ primaryKeys, manifests: new Manifests(pool), encryption, keys: unwrapped });
const usage = new KeyUsage(primaryKeys);

const logKeys = logFailure('keys');
// Drafts and rotations ask for a key by notification; the timer catches what was missed while not listening.
const makeKeys = (): void => void keys.makeWanted().catch(logKeys);
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
  evaluate: (task) => threads.run(task),
});
const app = await startApp(module, { host: config.HOST, port: config.PORT });

stopOnSignals(
  async () => {
    timers.forEach(clearInterval);
    await app.close();
    await usage.flush();
    await news.close();
    await threads.destroy();
    await pool.end();
  },
  { graceMs: 5000 },
);
announceReady({ name: 'issuer', port: (app.getHttpServer().address() as { port: number }).port });
