import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ask, codeOf } from '../fixtures/http.js';
import { scrape, sumOf } from '../fixtures/prometheus.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: { readonly query: string } }[] };
}

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const dashboard = JSON.parse(read('observability/grafana-dashboard.json')) as Dashboard;
const documented = new Set([...read('docs/metrics.md').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!));

const charts = dashboard.panels.filter(({ type }) => type !== 'row');
const expressions = charts.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const metricsIn = (text: string): string[] => text.match(/\b(?:starling|nodejs|process)_[a-z0-9_]+/g) ?? [];
const familyOf = (name: string): string => (documented.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''));
const missing = (text: string): string[] => metricsIn(text).filter((name) => !documented.has(familyOf(name)));

describe('the dashboard for Grafana', () => {
  // Kills: a panel that shows nothing, as its metric was renamed.
  it('[OBS7] names metrics that are there, and each panel has some', () => {
    expect(charts.length).toBeGreaterThan(15);
    for (const { title, targets = [] } of charts) {
      const names = targets.flatMap(({ expr }) => metricsIn(expr));
      expect({ title, isEmpty: names.length === 0 }).toEqual({ title, isEmpty: false });
    }
    expect(missing(expressions.join('\n'))).toEqual([]);
    expect(missing(dashboard.templating.list.map(({ query }) => query.query).join('\n'))).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it('[OBS7] shows every metric of ours', () => {
    const shown = new Set(metricsIn(expressions.join('\n')).map(familyOf));
    expect([...documented].filter((name) => name.startsWith('starling_') && !shown.has(name))).toEqual([]);
  });

  it('[OBS7] is provisioned with the source that its panels name, and alerts name metrics that are there', () => {
    const uid = /uid: ([\w-]+)/.exec(read('observability/grafana/datasource.yml'))![1]!;
    expect(new Set(charts.map(({ datasource }) => datasource!.uid))).toEqual(new Set([uid]));
    const alerts = read('observability/alerts.yml');
    expect(metricsIn(alerts).length).toBeGreaterThan(4);
    expect(missing(alerts)).toEqual([]);
    const compose = read('docker-compose.yml');
    const mounted = [...compose.matchAll(/- \.\/(observability\/[\w./-]+):/g)].map(([, path]) => path!);
    expect(mounted.map((path) => read(path).length > 0)).toEqual(Array.from({ length: 5 }, () => true));
    const jobs = /targets: \[(.*)\]/.exec(read('observability/prometheus.yml'))![1]!;
    for (const [, name, port] of jobs.matchAll(/'(\w+):(\d+)'/g))
      expect(compose).toMatch(new RegExp(`\\n  ${name}:\\n[^]*?PORT: '${port}'`));
  });
});

describe('a spike', () => {
  const SPIKE = 200;
  const PATIENCE_MS = 10_000;
  let starling: TestStarling;
  beforeAll(async () => {
    starling = await startStarling({ without: ['worker', 'intake'] });
  }, 120_000);
  afterAll(() => starling.stop());

  // Kills: refusals that are counted once a code, or not where the guard says no.
  it('[OBS8] of refusals shows in the metrics within ten seconds', async () => {
    const { coordinator } = starling;
    const refused = async (): Promise<number> =>
      sumOf([await scrape(coordinator)], 'starling_refused_total', { code: 'unauthorized' });
    const before = await refused();
    const answers = await Promise.all(Array.from({ length: SPIKE }, () => ask(`${coordinator}/v1/models`)));
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['unauthorized']));
    const since = performance.now();
    let after = await refused();
    while (after < before + SPIKE && performance.now() - since < PATIENCE_MS) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      after = await refused();
    }
    expect(after).toBe(before + SPIKE);
  });
});
