import { Gauge, type Registry } from 'prom-client';

import type { Door } from './door.js';
import type { Readiness } from './readiness.js';

/** What every process says of itself beside Node's own figures. */
export function publishProcess(door: Door, readiness: Readiness, metrics: Registry): void {
  door.shed.publish(metrics);
  const { server } = door;
  const gauges = [
    new Gauge({
      name: 'starling_ready',
      help: '1 where the process can do its work, 0 where it lacks something: /ready says what',
      registers: [],
      async collect() {
        this.set((await readiness.reason()) === undefined ? 1 : 0);
      },
    }),
    new Gauge({
      name: 'starling_connections',
      help: 'TCP connections that are open now',
      registers: [],
      async collect() {
        const open = await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count ?? 0)));
        this.set(open);
      },
    }),
  ];
  for (const gauge of gauges) metrics.registerMetric(gauge);
}

/** How many WebSockets an engine holds now, by what they are for. */
export function publishSockets(metrics: Registry, counts: () => Readonly<Record<string, number>>): void {
  metrics.registerMetric(
    new Gauge({
      name: 'starling_sockets',
      help: 'WebSockets that are open now, by what they are for',
      labelNames: ['path'] as const,
      registers: [],
      collect() {
        for (const [path, n] of Object.entries(counts())) this.set({ path }, n);
      },
    }),
  );
}
