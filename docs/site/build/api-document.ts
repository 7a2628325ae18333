import 'reflect-metadata';

import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';

import { NestFactory } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';

import { Readiness } from '#edge';
import { ModelStore } from '#storage/bodies';
import { closePool, openPool } from '#storage/database';
import { loadStrategies } from '#strategies';
import { NO_TRACES } from '#tracing';

import { describeApi } from '../../../apps/coordinator/src/api-document.js';
import { CoordinatorModule } from '../../../apps/coordinator/src/coordinator.module.js';
import { Deployment } from '../../../apps/coordinator/src/deployment.controller.js';
import { SigningKey } from '../../../apps/coordinator/src/signing-key.js';

/** What the coordinator answers at /openapi.json, without a database: nothing here is ever asked. */
export async function apiDocument(): Promise<OpenAPIObject> {
  const pool = openPool('postgres://nobody@127.0.0.1:1/none');
  const module = CoordinatorModule.with({
    pool,
    readiness: new Readiness(),
    files: new ModelStore(tmpdir()),
    strategies: await loadStrategies([]),
    key: new SigningKey(randomBytes(32)),
    logKey: new SigningKey(randomBytes(32)),
    audience: 'starling.example',
    logIntervalMs: 500,
    patienceMs: 0,
    wrongKeysPerMinute: 1,
    signInsPerMinute: 1,
    publicOrigin: undefined,
    deployment: new Deployment(undefined),
    traces: NO_TRACES,
    processUrls: [],
  });
  const app = await NestFactory.create(module, { preview: true, logger: false });
  try {
    return describeApi(app);
  } finally {
    await closePool(pool);
  }
}
