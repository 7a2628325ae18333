import { Counter, Gauge, type Registry } from 'prom-client';

/** A metric that says what rows say, at the moment of the scrape. */
export interface RowMetric<Row> {
  readonly name: string;
  readonly help: string;
  /** `total`: it only grows */
  readonly kind: 'now' | 'total';
  readonly labels: readonly string[];
  /** a value for each set of labels, from one row */
  readonly values: (row: Row) => readonly (readonly [labels: Readonly<Record<string, string>>, value: number | null])[];
}

/** Several metrics of the same rows, read once a scrape. While the rows cannot be read they say nothing. */
export function publishRows<Row>(
  metrics: Registry,
  read: () => Promise<readonly Row[]>,
  plans: readonly RowMetric<Row>[],
): void {
  let reading: Promise<readonly Row[]> | undefined;
  const rows = (): Promise<readonly Row[]> =>
    (reading ??= read()
      .catch(() => [])
      .finally(() => (reading = undefined)));
  for (const { name, help, kind, labels, values } of plans) {
    const Metric = kind === 'total' ? Counter : Gauge;
    const metric: Counter | Gauge = new Metric({
      ...{ name, help, labelNames: labels, registers: [] },
      collect: async () => {
        const found = (await rows()).flatMap(values);
        metric.reset();
        for (const [labelsOf, value] of found) if (value !== null) metric.inc(labelsOf, value);
      },
    });
    metrics.registerMetric(metric);
  }
}
