import type { RequestListener } from 'node:http';

import { ConsoleLogger, StandardSchemaValidationPipe, type INestApplication, type Type } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { IoAdapter } from '@nestjs/platform-socket.io';

import type { Response } from 'express';
import type { Registry } from 'prom-client';
import type { ZodType } from 'zod';

import { DEVICE_HEADERS, ProtocolError } from '#protocol';

import { Admission } from './admission.js';
import type { Door } from './door.js';
import { DoorAdapter } from './door-adapter.js';
import { METRICS } from './health.js';
import { HttpRefusalFilter } from './http-refusal.filter.js';
import { KnownFieldsGuard } from './known-fields.guard.js';
import { publishProcess } from './process-metrics.js';
import { Readiness } from './readiness.js';
import { Refusals } from './refusals.js';
import { securityHeaders, type Pages } from './security-headers.js';

export interface EdgeOptions {
  /** bytes of a JSON body */
  readonly maxJsonBytes?: number;
  /** requests worked on at a time; more are `overloaded` */
  readonly maxRequests?: number;
  /** pages that may call: for devices in browsers. Default: none */
  readonly allowedOrigins?: readonly string[];
  /** paths that serve pages to people, each with its content security policy. Default: none */
  readonly pages?: Pages;
}

export interface EdgeParts {
  /** the WebSocket adapter, where the plain one will not do */
  readonly sockets?: (app: NestExpressApplication) => IoAdapter;
  /** a last word before the application answers */
  readonly prepare?: (app: NestExpressApplication) => void | Promise<void>;
}

/** A Nest application with Starling's edge: schemas, refusals, and a door that is open already. */
export async function startApp(
  door: Door,
  module: Type | DynamicModule,
  { maxJsonBytes = 262_144, maxRequests = 256, allowedOrigins = [], pages = {} }: EdgeOptions = {},
  { sockets, prepare }: EdgeParts = {},
): Promise<INestApplication> {
  const app = await NestFactory.create<NestExpressApplication>(module, new DoorAdapter(door), {
    logger: new ConsoleLogger({ json: true, logLevels: ['warn', 'error', 'fatal'] }),
    bodyParser: false,
    abortOnError: false,
  });
  publishProcess(door, app.get(Readiness), app.get<Registry>(METRICS));
  app.get(Refusals).tell(door.shed);
  app.disable('x-powered-by');
  app.use(securityHeaders(pages, { isTls: door.isTls }));
  if (allowedOrigins.length > 0) app.enableCors(corsFor(allowedOrigins));
  app.useBodyParser('json', { limit: maxJsonBytes, inflate: false });
  // After the body is here: who sends it slowly is not worked for.
  app.use('/v1', admit(new Admission(maxRequests)));
  app.useWebSocketAdapter(sockets?.(app) ?? new IoAdapter(app));
  app.useGlobalFilters(new HttpRefusalFilter(app.get(Refusals)));
  app.useGlobalGuards(new KnownFieldsGuard());
  app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: malformed }));
  await prepare?.(app);
  await app.init();
  door.lead(app.getHttpAdapter().getInstance() as RequestListener);
  return app;
}

const admit =
  (admission: Admission) =>
  (_request: unknown, response: Response, next: (error?: unknown) => void): void => {
    try {
      response.once('close', admission.enter());
      next();
    } catch (error) {
      next(error);
    }
  };

/**
 * What a device in a browser needs, and no more: no cookie and no `authorization` header, so a researcher's key
 * cannot be used from another page.
 */
const corsFor = (allowedOrigins: readonly string[]): Parameters<INestApplication['enableCors']>[0] => ({
  origin: [...allowedOrigins],
  methods: ['GET', 'POST'],
  allowedHeaders: ['content-type', ...Object.values(DEVICE_HEADERS)],
  credentials: false,
  maxAge: 600,
});

/** Names the fields that are wrong, never their values. */
function malformed(issues: readonly { path?: readonly unknown[] | undefined; message: string }[]): ProtocolError {
  const named = issues.map(({ path = [], message }) => {
    const field = path
      .map((part) => (typeof part === 'object' && part !== null && 'key' in part ? part.key : part))
      .join('.');
    return field === '' ? message : `${field}: ${message}`;
  });
  return new ProtocolError('malformed_message', `The message does not fit: ${named.slice(0, 5).join('; ')}.`);
}

/** Parses what did not come through a Nest pipe: headers, socket messages. @throws ProtocolError `malformed_message` */
export function parseMessage<T>(schema: ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw malformed(result.error.issues);
  return result.data;
}
