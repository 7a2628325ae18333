import { Counter, type Registry } from 'prom-client';

/** What was turned away because there was too much of it, or ended because it came to nothing. */
export type ShedLoad = 'request' | 'connection' | 'socket' | 'slow';

/** Load that was shed, from the process's first moment on: its door is open before its metrics are there. */
export class Shed {
  readonly #counts: Record<ShedLoad, number> = { request: 0, connection: 0, socket: 0, slow: 0 };

  count(what: ShedLoad): void {
    this.#counts[what]++;
  }

  publish(metrics: Registry): void {
    const counts = this.#counts;
    metrics.registerMetric(
      new Counter({
        name: 'starling_shed_total',
        help: 'Load shed: requests refused as overloaded, connections and WebSockets beyond their bound, connections that came to nothing',
        labelNames: ['what'] as const,
        registers: [],
        collect() {
          this.reset();
          for (const [what, n] of Object.entries(counts)) this.inc({ what: what as ShedLoad }, n);
        },
      }),
    );
  }
}
