import 'reflect-metadata';

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

import { logFailure, startApp } from '#edge';
import { announceReady, openThreads, readConfig, stopOnSignals } from '#process';
import { assertDurable, listen, openPool } from '#storage/database';
import { Manifests, PrimaryKeys } from '#storage/keys';

import { IssuerConfig } from './config.js';
import type { EvaluationResult, EvaluationTask } from './evaluation.js';
import { IssuerModule } from './issuer.module.js';
import { KeyRing } from './key-ring.js';

const config = readConfig(IssuerConfig);
const wrappingKey = await readFile(config.WRAPPING_KEY_FILE);
const pool = openPool(config.DATABASE_URL);
await assertDurable(pool);

const threads = openThreads<EvaluationTask, EvaluationResult>(new URL('./evaluation.worker.js', import.meta.url), {
  threads: config.CRYPTO_THREADS === 0 ? availableParallelism() : config.CRYPTO_THREADS,
});
const keys = new KeyRing(new PrimaryKeys(pool), new Manifests(pool), wrappingKey);

const logKeys = logFailure('keys');
// A draft asks for its key by notification; the timer catches what was missed while not listening.
const makeKeys = (): void => void keys.makeMissing().catch(logKeys);
const news = await listen(config.DATABASE_URL, ['starling_use_case'], makeKeys);
const timer = setInterval(makeKeys, 2000);

const module = IssuerModule.with({
  pool,
  keys,
  audience: config.AUDIENCE,
  requestsPerMinute: config.REQUESTS_PER_MINUTE,
  tokensPerSecond: config.TOKENS_PER_SECOND,
  evaluate: (task) => threads.run(task),
});
const app = await startApp(module, {
  host: config.HOST,
  port: config.PORT,
  allowedOrigins: config.ALLOWED_ORIGINS,
});

stopOnSignals(
  async () => {
    clearInterval(timer);
    await app.close();
    await news.close();
    await threads.destroy();
    await pool.end();
  },
  { graceMs: 5000 },
);
announceReady({ name: 'issuer', port: (app.getHttpServer().address() as { port: number }).port });
