import { Logger } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';

import { adviceOn, EVALUATION_LIMIT } from '#protocol';
import type { KeyUse, PrimaryKeys } from '#storage/keys';

/** Digits of a key's name in a label: no label looks like an identifier, and two keys of a use case still differ. */
const SHOWN = 8;

/**
 * How often each primary key was used. Counted in memory, before the evaluation, and added to the key's row
 * now and then: a crash loses the last half second, never more.
 */
export class KeyUsage {
  readonly #log = new Logger('keys');
  readonly #warned = new Map<string, string>();
  #counts = new Map<string, number>();

  constructor(private readonly primaryKeys: PrimaryKeys) {}

  add(keyId: string, evaluations: number): void {
    this.#counts.set(keyId, (this.#counts.get(keyId) ?? 0) + evaluations);
  }

  async flush(): Promise<void> {
    if (this.#counts.size === 0) return;
    const counts = this.#counts;
    this.#counts = new Map();
    try {
      for (const key of await this.primaryKeys.addEvaluations(counts)) this.#warn(key);
    } catch (error) {
      for (const [keyId, n] of counts) this.add(keyId, n);
      throw error;
    }
  }

  #warn(key: KeyUse): void {
    const advice = adviceOn(key.evaluations);
    if (advice === null || this.#warned.get(key.id) === advice) return;
    this.#warned.set(key.id, advice);
    this.#log.warn(`Key ${key.name} of ${key.useCase}, ${key.evaluations} evaluations: ${advice}`);
  }

  /** Says on each scrape what the rows say: all processes together, the most used keys that are not retired. */
  publish(metrics: Registry): void {
    const { primaryKeys } = this;
    const used = new Gauge({
      name: 'starling_issuer_key_evaluations',
      help: 'Evaluations under a primary key, over all issuers; the 50 most used',
      labelNames: ['use_case', 'key'] as const,
      registers: [],
      async collect() {
        const keys = await primaryKeys.mostUsed().catch(() => []);
        this.reset();
        for (const key of keys) this.set({ use_case: key.useCase, key: key.name.slice(0, SHOWN) }, key.evaluations);
      },
    });
    const limit = new Gauge({
      name: 'starling_issuer_key_evaluations_limit',
      help: 'Evaluations that a primary key is good for',
      registers: [],
    });
    limit.set(EVALUATION_LIMIT);
    metrics.registerMetric(used);
    metrics.registerMetric(limit);
  }
}
