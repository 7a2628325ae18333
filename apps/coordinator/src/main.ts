import 'reflect-metadata';

import { readFile } from 'node:fs/promises';

import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

import { logFailure, readTls, startApp } from '#edge';
import { announceReady, readConfig, stopOnSignals } from '#process';
import { SCOPES } from '#protocol';
import { ApiKeys } from '#storage/access';
import { ModelStore } from '#storage/bodies';
import { assertDurable, listen, openPool } from '#storage/database';

import { CoordinatorConfig } from './config.js';
import { CoordinatorModule } from './coordinator.module.js';
import { SigningKey } from './signing-key.js';
import { KeyRotation } from './key-rotation.js';
import { RoundEventsGateway } from './round-events.gateway.js';
import { RoundKeeper } from './round-keeper.js';
import { TreeHeadSigner } from './tree-head-signer.js';

const KEEP_MS = 250;
const ROTATE_MS = 1000;
const PROGRESS_MS = 500;
/** A researcher's model may take a while to come in. */
const LIMITS = { maxHeaderSize: 8192, headTimeoutMs: 10_000, requestTimeoutMs: 900_000 };

const OWN = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
/** What the pages may load: their own files, and for the dashboard its events. Swagger's page has styles in itself. */
const PAGES = {
  '/ui': `${OWN}; connect-src 'self' ws: wss:; img-src 'self' data:`,
  '/docs': `${OWN}; img-src 'self' data:; style-src 'self' 'unsafe-inline'`,
};

const config = readConfig(CoordinatorConfig);
const key = new SigningKey(await readFile(config.SIGNING_KEY_FILE));
const logKey = new SigningKey(await readFile(config.LOG_KEY_FILE));
const pool = openPool(config.DATABASE_URL);
await assertDurable(pool);
if (config.BOOTSTRAP_KEY_HASH !== undefined) {
  await new ApiKeys(pool).add(Buffer.from(config.BOOTSTRAP_KEY_HASH, 'hex'), { name: 'bootstrap', scopes: SCOPES });
}

const module = CoordinatorModule.with({
  pool,
  files: new ModelStore(config.MODELS_DIRECTORY),
  key,
  logKey,
  audience: config.AUDIENCE,
  logIntervalMs: config.LOG_INTERVAL_MS,
  patienceMs: config.PATIENCE_MS,
  wrongKeysPerMinute: config.WRONG_KEYS_PER_MINUTE,
});
const app = await startApp(
  module,
  {
    host: config.HOST,
    port: config.PORT,
    tls: readTls(config),
    limits: LIMITS,
    maxJsonBytes: 1_048_576,
    allowedOrigins: config.ALLOWED_ORIGINS,
    pages: PAGES,
  },
  { prepare },
);

const keepFailed = logFailure('rounds');
const newsFailed = logFailure('events');
const keeper = app.get(RoundKeeper);
const rotation = app.get(KeyRotation);
const rotationFailed = logFailure('keys');
const events = app.get(RoundEventsGateway);
// A failed turn is tried again at the next: the database may be away for a while.
const keep = (): void => void keeper.run().catch(keepFailed);
const news = await listen(
  config.DATABASE_URL,
  ['starling_round', 'starling_model', 'starling_use_case'],
  (channel, payload) => {
    if (channel !== 'starling_use_case' && payload !== '') void events.changed(payload).catch(newsFailed);
    keep();
  },
);
// A round whose record this head covers may open at once.
const stopHeads = app.get(TreeHeadSigner).start(keep, logFailure('log'));
const timers = [
  setInterval(keep, KEEP_MS),
  setInterval(() => void rotation.run().catch(rotationFailed), ROTATE_MS),
  setInterval(() => void events.poll().catch(newsFailed), PROGRESS_MS),
];

stopOnSignals(
  async () => {
    timers.forEach(clearInterval);
    stopHeads();
    await app.close();
    await news.close();
    await pool.end();
  },
  { graceMs: 5000 },
);
announceReady({ name: 'coordinator', port: (app.getHttpServer().address() as { port: number }).port });

function prepare(app: NestExpressApplication): void {
  const document = new DocumentBuilder()
    .setTitle('Starling coordinator')
    .setDescription(
      'Use cases, rounds and models. Round state is public; writing, and listing models, needs an API key.',
    )
    .setVersion('1')
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, document), {
    jsonDocumentUrl: 'openapi.json',
  });
}
