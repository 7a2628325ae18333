import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';

import { HTTP_STATUS } from '#protocol';

import { INTERNAL, refusalOf } from './refusal.js';
import type { Refusals } from './refusals.js';

/** The one place where errors become HTTP answers: a closed code and a sentence, never a payload or a stack. */
@Catch()
export class HttpRefusalFilter implements ExceptionFilter<unknown> {
  readonly #log = new Logger('http');

  constructor(private readonly refusals: Refusals) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    // Who hangs up before his request is read gets no answer, and broke nothing of ours.
    if (error instanceof Error && error === response.req.errored) return void response.destroy();
    const refusal = refusalOf(error);
    if (refusal === undefined) this.#log.error(describe(error));
    const { code, ...rest } = refusal ?? INTERNAL;
    this.refusals.count(code);
    if (response.headersSent) return void response.end();
    if (rest.retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(rest.retryAfterMs / 1000));
    response.status(HTTP_STATUS[code]).json({ code, ...rest });
  }
}

/** Name, code and stack: messages of libraries may quote what they were given. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'a value that is no Error was thrown';
  const code = 'code' in error ? ` ${String(error.code)}` : '';
  return `${error.name}${code} ${error.stack?.split('\n').slice(1, 6).join(' ') ?? ''}`;
}

/** How often the same trouble is worth a line, ms. */
const QUIET_MS = 30_000;

/**
 * For work that is tried again and again: says in the log what went wrong, once a while, and goes on.
 *
 * @param work  named in the log
 */
export function logFailure(work: string): (error: unknown) => void {
  const log = new Logger(work);
  let last = { line: '', at: 0 };
  return (error) => {
    const line = describe(error);
    if (line === last.line && Date.now() - last.at < QUIET_MS) return;
    last = { line, at: Date.now() };
    log.warn(`It will be tried again: ${line}`);
  };
}
