import { Counter, type Registry } from 'prom-client';

import type { ProtocolCode } from '#protocol';

/** How often a process said no, by code: a closed set, so that nobody outside can make a label. */
export class Refusals {
  readonly #counter: Counter<'code'>;

  constructor(metrics: Registry) {
    this.#counter = new Counter({
      name: 'starling_refused_total',
      help: 'Requests and messages refused, by code',
      labelNames: ['code'],
      registers: [metrics],
    });
  }

  count(code: ProtocolCode): void {
    this.#counter.inc({ code });
  }
}
