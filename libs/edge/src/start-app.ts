import { ConsoleLogger, StandardSchemaValidationPipe, type INestApplication, type Type } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { IoAdapter } from '@nestjs/platform-socket.io';

import type { ZodType } from 'zod';

import { DEVICE_HEADERS, ProtocolError } from '#protocol';

import { KnownFieldsGuard } from './known-fields.guard.js';
import { securityHeaders, type Pages } from './security-headers.js';
import { HttpRefusalFilter } from './http-refusal.filter.js';
import { LimitedExpressAdapter, type HttpLimits } from './limited-http.js';
import type { Tls } from './tls.js';

export interface EdgeOptions {
  readonly host: string;
  readonly port: number;
  readonly limits?: HttpLimits;
  /** bytes of a JSON body */
  readonly maxJsonBytes?: number;
  /** pages that may call: for devices in browsers. Default: none */
  readonly allowedOrigins?: readonly string[];
  /** paths that serve pages to people, each with its content security policy. Default: none */
  readonly pages?: Pages;
  /** default: plain HTTP, for a proxy that speaks TLS */
  readonly tls?: Tls | undefined;
}

const LIMITS: HttpLimits = { maxHeaderSize: 8192, headTimeoutMs: 10_000, requestTimeoutMs: 30_000 };

export interface EdgeParts {
  /** the WebSocket adapter, where the plain one will not do */
  readonly sockets?: (app: NestExpressApplication) => IoAdapter;
  /** a last word before the application listens */
  readonly prepare?: (app: NestExpressApplication) => void | Promise<void>;
}

/** A Nest application with Starling's edge: limits, schemas, refusals. */
export async function startApp(
  module: Type | DynamicModule,
  { host, port, limits = LIMITS, maxJsonBytes = 262_144, allowedOrigins = [], pages = {}, tls }: EdgeOptions,
  { sockets, prepare }: EdgeParts = {},
): Promise<INestApplication> {
  const app = await NestFactory.create<NestExpressApplication>(module, new LimitedExpressAdapter(limits, tls), {
    logger: new ConsoleLogger({ json: true, logLevels: ['warn', 'error', 'fatal'] }),
    bodyParser: false,
    forceCloseConnections: true,
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.use(securityHeaders(pages, { isTls: tls !== undefined }));
  if (allowedOrigins.length > 0) app.enableCors(corsFor(allowedOrigins));
  app.useBodyParser('json', { limit: maxJsonBytes });
  app.useWebSocketAdapter(sockets?.(app) ?? new IoAdapter(app));
  app.useGlobalFilters(new HttpRefusalFilter());
  app.useGlobalGuards(new KnownFieldsGuard());
  app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: malformed }));
  await prepare?.(app);
  await app.listen(port, host);
  return app;
}

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
