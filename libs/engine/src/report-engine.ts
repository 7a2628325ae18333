import { Gauge, type Registry } from 'prom-client';

import type { ChosenEngine } from './choose-engine.js';

/** The line of the log that says which engine was chosen, and why not another one. */
export function describeEngine({ name, description, skipped }: ChosenEngine): string {
  return [`credential engine: ${name} (${description}).`, ...skipped].join(' ');
}

/** `starling_credential_engine_info{engine="native"} 1` */
export function reportEngine({ name }: Pick<ChosenEngine, 'name'>, registry: Registry): Gauge {
  const gauge = new Gauge({
    name: 'starling_credential_engine_info',
    help: 'Which engine computes credentials in this process',
    labelNames: ['engine'] as const,
    registers: [registry],
  });
  gauge.set({ engine: name }, 1);
  return gauge;
}
