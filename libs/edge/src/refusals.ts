import { Counter, type Registry } from 'prom-client';

import type { ProtocolCode } from '#protocol';

import type { Shed } from './shed.js';

/** How often a process said no, by code: a closed set, so that nobody outside can make a label. */
export class Refusals {
  readonly #counter: Counter<'code'>;
  #shed: Shed | undefined;

  constructor(metrics: Registry) {
    this.#counter = new Counter({
      name: 'starling_refused_total',
      help: 'Requests and messages refused, by code',
      labelNames: ['code'],
      registers: [metrics],
    });
  }

  /** From now on what is refused as `overloaded` counts as load shed too. */
  tell(shed: Shed): void {
    this.#shed = shed;
  }

  count(code: ProtocolCode): void {
    this.#counter.inc({ code });
    if (code === 'overloaded') this.#shed?.count('request');
  }
}
