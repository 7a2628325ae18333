import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';

import type { RefusalAck } from '#protocol';

import { describe } from './http-refusal.filter.js';
import { INTERNAL, refusalOf } from './refusal.js';
import { Refusals } from './refusals.js';

/**
 * Answers a failed socket message through its ack.
 *
 * Nest's own filter emits `exception` instead: the ack never comes, and the event echoes the whole
 * payload, token and delta included.
 */
@Catch()
export class AckRefusalFilter implements ExceptionFilter<unknown> {
  readonly #log = new Logger('socket');

  constructor(private readonly refusals: Refusals) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const refusal = refusalOf(error);
    if (refusal === undefined) this.#log.error(describe(error));
    this.refusals.count((refusal ?? INTERNAL).code);
    const ack = host.getArgs<unknown[]>().find((argument) => typeof argument === 'function');
    ack?.({ ok: false, ...(refusal ?? INTERNAL) } satisfies RefusalAck);
  }
}
