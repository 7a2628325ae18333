import { Counter, Gauge, type Registry } from 'prom-client';

import { UseCaseCounter, type Admission } from '#edge';

import type { Uploads } from './uploads.js';

/** What intake did, by use case and never by round or sender: `/metrics` moves twice a second, so no time is finer. */
export class IntakeCounts {
  readonly #redeemed: UseCaseCounter;
  readonly #spent: UseCaseCounter;
  readonly #accepted: UseCaseCounter;
  readonly #bytes: Counter;

  constructor(metrics: Registry) {
    const perUseCase = (name: string, help: string) => new UseCaseCounter({ name, help }, metrics);
    this.#redeemed = perUseCase(
      'starling_redeemed_tokens_total',
      'Tokens found genuine, each for an upload of its own',
    );
    this.#spent = perUseCase(
      'starling_spent_tokens_total',
      'Tokens spent, by an update that counts or by a third bad one',
    );
    this.#accepted = perUseCase('starling_accepted_updates_total', 'Updates accepted: their receipts were given');
    this.#bytes = new Counter({
      name: 'starling_accepted_bytes_total',
      help: 'Bytes of the updates accepted',
      registers: [metrics],
    });
  }

  redeemed(useCase: string): void {
    this.#redeemed.add(useCase);
  }

  accepted(useCase: string, bytes: number): void {
    this.#accepted.add(useCase);
    this.#spent.add(useCase);
    this.#bytes.inc(bytes);
  }

  /** Without an update that counts. */
  spent(useCase: string): void {
    this.#spent.add(useCase);
  }
}

/** What intake has in hand now. */
export function publishHands(metrics: Registry, uploads: Uploads, opening: Admission): void {
  const gauges = [
    ['starling_opening', 'Submissions being looked up and redeemed now', () => opening.inside],
    ['starling_uploads', 'Updates being uploaded now', () => uploads.size],
    ['starling_upload_bytes_in_flight', 'Bytes of chunks received and not yet written', () => uploads.bytesInFlight],
  ] as const;
  for (const [name, help, read] of gauges) {
    const gauge: Gauge = new Gauge({ name, help, registers: [], collect: () => gauge.set(read()) });
    metrics.registerMetric(gauge);
  }
}
