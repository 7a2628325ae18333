import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { connect } from '../fixtures/submission.js';
import { scrape, sumOf, type MetricSample, type Scrape } from '../fixtures/prometheus.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { watchedRound, type WatchedRound } from '../fixtures/watched-round.js';

const DEVICES = 6;
/** Longer than any process answers with the same figures. */
const FIGURES_MS = 600;
const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** By name: kind and labels, as the document says. */
const DOCUMENTED = new Map(
  [...read('docs/metrics.md').matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*)\|/gm)].map(([, name, kind, labels]) => [
    name!,
    { kind: kind!, labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!) },
  ]),
);

let starling: TestStarling;
let watched: WatchedRound;
/** of all processes, after the round, and while it ran */
let scrapes: Scrape[];
const during: Scrape[] = [];

const scrapeAll = (): Promise<Scrape[]> =>
  Promise.all(['issuer 0', 'intake 0', 'coordinator', 'worker'].map((name) => scrape(starling.url(name))));

/** The rows and the processes move on their own time. */
async function until(fits: (scrapes: readonly Scrape[]) => boolean): Promise<Scrape[]> {
  for (;;) {
    const now = await scrapeAll();
    if (fits(now)) return now;
    await sleep(250);
  }
}

beforeAll(async () => {
  starling = await startStarling();
  let isOver = false;
  const looking = (async () => {
    for (; !isOver; await sleep(400)) during.push(...(await scrapeAll()));
  })();
  watched = await watchedRound(starling, {
    devices: DEVICES,
    wish: { privacy: { noiseMultiplier: 4, delta: 1e-5, epsilonMax: 3 } },
  });
  isOver = true;
  await looking;
  await until((now) => sumOf(now, 'starling_rounds', { state: 'published' }) === 1);
  // The worker may have answered before it, and the coordinator after it was published; what they say may be half a second old.
  await sleep(FIGURES_MS);
  scrapes = await scrapeAll();
}, 120_000);
afterAll(() => starling.stop());

/** A histogram's samples have names of their own. */
const familyOf = ({ metric }: MetricSample, { types }: Scrape): string =>
  types[metric] === undefined ? metric.replace(/_(bucket|sum|count)$/, '') : metric;

describe('metrics', () => {
  // Kills: a metric nobody documented; a document that promises one that is gone.
  it('[OBS1] are those of docs/metrics.md, with its kinds and labels', () => {
    const types = Object.assign({}, ...scrapes.map((one) => one.types)) as Record<string, string>;
    expect(Object.keys(types).sort()).toEqual([...DOCUMENTED.keys()].sort());
    for (const one of scrapes) {
      for (const sample of one.samples) {
        const family = familyOf(sample, one);
        const { kind, labels } = DOCUMENTED.get(family)!;
        expect({ family, kind: types[family] }).toEqual({ family, kind });
        const own = Object.keys(sample.labels).filter((label) => label !== 'process' && label !== 'le');
        expect({ family, unknown: own.filter((label) => !labels.includes(label)) }).toEqual({ family, unknown: [] });
        expect({ family, process: sample.labels['process'] }).not.toEqual({ family, process: undefined });
      }
    }
  });

  // Kills: a counter that is never moved; one that counts tries.
  it('[OBS1] say what the round came to', () => {
    const useCase = { use_case: watched.useCase };
    const sums = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, sumOf(scrapes, name, useCase)]));
    const counts = ['issued_tokens', 'redeemed_tokens', 'spent_tokens', 'accepted_updates'].map(
      (n) => `starling_${n}_total`,
    );
    expect(sums(counts)).toEqual(Object.fromEntries(counts.map((name) => [name, DEVICES])));
    expect(sums(['starling_anonymity_set', 'starling_cohort', 'starling_model_version'])).toEqual({
      starling_anonymity_set: DEVICES,
      starling_cohort: DEVICES,
      starling_model_version: 1,
    });
    expect(sumOf(scrapes, 'starling_privacy_epsilon', useCase)).toBeCloseTo(watched.round.epsilon!, 10);
    expect(sumOf(scrapes, 'starling_privacy_epsilon_budget', useCase)).toBe(3);
    expect(sumOf(scrapes, 'starling_refused_total', { code: 'wrong_length' })).toBe(DEVICES);
    expect(sumOf(scrapes, 'starling_folded_updates_total')).toBe(DEVICES);
    expect(sumOf(scrapes, 'starling_folded_bytes_total')).toBe(DEVICES * 64 * 4);
    expect(sumOf(scrapes, 'starling_accepted_bytes_total')).toBe(DEVICES * 64 * 4);
    for (const phase of ['open', 'fold', 'publish'])
      expect(sumOf(scrapes, 'starling_round_seconds_total', { ...useCase, phase })).toBeGreaterThan(0);
    expect(sumOf(scrapes, 'starling_job_seconds_count', { queue: 'fold-shard', outcome: 'completed' })).toBe(1);
    expect(sumOf(scrapes, 'starling_ready')).toBe(4);
  });

  // Kills: a round's id, a device or an address as a label; a label for each of them.
  it('[OBS3] name nothing that looks like an identifier, and no metric has many series', () => {
    for (const one of [...during, ...scrapes]) {
      expect(watched.traces(one.text.replaceAll(/^#.*$/gm, ''))).toEqual([]);
      for (const { labels } of one.samples) {
        const text = Object.values(labels).join(' ');
        expect(/[0-9a-f]{16}|[0-9a-f]{8}-[0-9a-f]{4}|\d+\.\d+\.\d+\.\d+|::|[\w-]{32}/i.exec(text)).toBeNull();
      }
      const series = new Map<string, number>();
      for (const sample of one.samples) series.set(sample.metric, (series.get(sample.metric) ?? 0) + 1);
      expect(Math.max(...series.values())).toBeLessThan(300);
    }
  });

  // Kills: figures that are read anew at each request, from which a crowd of requests could read times.
  it('[OBS4] move twice a second at most', async () => {
    const url = starling.intake;
    const texts = new Set<string>();
    const since = performance.now();
    while (performance.now() - since < 2000) texts.add((await scrape(url)).text);
    expect(texts.size).toBeGreaterThan(1);
    expect(texts.size).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - since) / 500));
  });

  it('[OBS1] count connections and sockets while they are there', async () => {
    const sockets = await Promise.all(Array.from({ length: 3 }, () => connect(starling.intake, '/submit')));
    const open = await until((now) => sumOf(now, 'starling_sockets', { path: 'submit' }) === 3);
    expect(sumOf(open, 'starling_connections', { process: 'intake' })).toBeGreaterThanOrEqual(3);
    for (const socket of sockets) socket.disconnect();
    await until((now) => sumOf(now, 'starling_sockets', { path: 'submit' }) === 0);
  });
});
