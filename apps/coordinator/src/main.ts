import 'reflect-metadata';

import { readFile } from 'node:fs/promises';

import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';

import { Door, logFailure, Readiness, readTls, startApp } from '#edge';
import { announceReady, Ending, exitBecause, readConfig, repeat, startLog, stopOnSignals } from '#process';
import { SCOPES, type DeploymentReply } from '#protocol';
import { ApiKeys, Invitations, Sessions } from '#storage/access';
import { ModelStore } from '#storage/bodies';
import { assertWritable, awaitDatabase, closePool, listen, openPool } from '#storage/database';

import { loadStrategies } from '#strategies';
import { openRoundTraces } from '#tracing';

import { Passwords } from './accounts/passwords.js';
import { describeApi } from './api-document.js';
import { CoordinatorConfig } from './config.js';
import { EventSockets } from './event-sockets.js';
import { CoordinatorModule } from './coordinator.module.js';
import { Deployment } from './deployment.controller.js';
import { pagesOf } from './pages.js';
import { servePages } from './serve-pages.js';
import { SigningKey } from './signing-key.js';
import { KeyRotation } from './key-rotation.js';
import { RoundEventsGateway } from './round-events.gateway.js';
import { RoundKeeper } from './round-keeper.js';
import { TreeHeadSigner } from './tree-head-signer.js';

const KEEP_MS = 250;
const ROTATE_MS = 1000;
const CLEAN_MS = 60_000;
const PROGRESS_MS = 500;
/** For what is in hand when it stops, as a model that comes in. */
const DRAIN_MS = 3000;
/** A researcher's model may take a while to come in. */
const LIMITS = { maxHeaderSize: 8192, headTimeoutMs: 5000, requestTimeoutMs: 900_000 };

startLog('coordinator');
const config = readConfig(CoordinatorConfig);
const key = new SigningKey(await readFile(config.SIGNING_KEY_FILE));
const logKey = new SigningKey(await readFile(config.LOG_KEY_FILE));
const readiness = new Readiness();
const deployment = await readDeployment();
const limits = { ...LIMITS, maxConnections: 2 * config.MAX_CONNECTIONS };
const { HOST: host, PORT: port } = config;
const door = await Door.open({ host, port, limits, tls: readTls(config) }, readiness);
const ending = new Ending();
stopOnSignals(() => ending.run(), { graceMs: 6000 });

const pool = openPool(config.DATABASE_URL);
ending.add(
  () => closePool(pool),
  () => door.close(),
);
const addBootstrapKey = async (): Promise<void> => {
  const hash = config.BOOTSTRAP_KEY_HASH;
  if (hash === undefined) return;
  await new ApiKeys(pool).add(Buffer.from(hash, 'hex'), { name: 'bootstrap', scopes: SCOPES });
};
await awaitDatabase(pool, addBootstrapKey, {
  onWait: (reason) => readiness.waitFor(reason),
  signal: ending.signal,
}).catch(exitBecause);

const traces = await openRoundTraces('coordinator', process.env);
ending.add(() => traces.close());
const module = CoordinatorModule.with({
  pool,
  readiness,
  files: new ModelStore(config.MODELS_DIRECTORY),
  strategies: await loadStrategies(config.STRATEGY_MODULES).catch(exitBecause),
  key,
  logKey,
  deployment: new Deployment(deployment),
  audience: config.AUDIENCE,
  logIntervalMs: config.LOG_INTERVAL_MS,
  patienceMs: config.PATIENCE_MS,
  wrongKeysPerMinute: config.WRONG_KEYS_PER_MINUTE,
  signInsPerMinute: config.SIGN_INS_PER_MINUTE,
  publicOrigin: config.PUBLIC_ORIGIN,
  processUrls: config.PROCESS_URLS,
  traces,
});
const app = await startApp(
  door,
  module,
  { maxJsonBytes: 1_048_576, allowedOrigins: config.ALLOWED_ORIGINS, pages: pagesOf(deployment) },
  { prepare, sockets: (app) => new EventSockets(app, config.MAX_CONNECTIONS, door.shed) },
);

const keepFailed = logFailure('rounds');
const newsFailed = logFailure('events');
const keeper = app.get(RoundKeeper);
const rotation = app.get(KeyRotation);
const events = app.get(RoundEventsGateway);
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
ending.add(
  () => news.close(),
  () => app.get(Passwords).close(),
  () => app.close(),
  () => door.drain(DRAIN_MS),
  stopHeads,
  repeat(KEEP_MS, () => keeper.run(), keepFailed),
  repeat(ROTATE_MS, () => rotation.run(), logFailure('keys')),
  repeat(CLEAN_MS, () => cleanUp(app), logFailure('sessions')),
  repeat(PROGRESS_MS, () => events.poll(), newsFailed),
);
readiness.begin({ PostgreSQL: () => assertWritable(pool) });
announceReady({ name: 'coordinator', port: door.port });

/** Sessions and invitations that are over go, some time. */
const cleanUp = (app: INestApplication): Promise<unknown> =>
  Promise.all([app.get(Sessions).clean(), app.get(Invitations).clean()]);

/** What devices are told; only whole. */
async function readDeployment(): Promise<DeploymentReply | undefined> {
  const { PUBLIC_ISSUER_URL: issuer, PUBLIC_INTAKE_URL: intake, PUBLIC_COORDINATOR_URL: coordinator } = config;
  if (issuer === undefined || intake === undefined || coordinator === undefined) return undefined;
  const text = await readFile(new URL('../../../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return { issuer, coordinator, intake, deploymentKey: Buffer.from(key.publicKey).toString('hex'), version };
}

function prepare(app: NestExpressApplication): void {
  servePages(app);
  SwaggerModule.setup('docs', app, () => describeApi(app), { jsonDocumentUrl: 'openapi.json' });
}
