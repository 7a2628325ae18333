import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { freePort } from '#process';
import { traceOfRound } from '#tracing';

import { startSpanCollector, type SpanCollector } from '../fixtures/span-collector.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { watchedRound, type WatchedRound } from '../fixtures/watched-round.js';

const QUEUES = ['close-round', 'fold-shard', 'publish-round', 'evaluate-model'];
const STEPS = ['round start', 'round seal', 'round announce', 'round open'];
const ALL = [...STEPS, ...QUEUES.flatMap((queue) => [`queue ${queue}`, `job ${queue}`])].sort();
/** Two rounds of one shard each: what they leave must not tell how many devices there were. */
const CROWDS = [3, 7];

let collector: SpanCollector;
let starling: TestStarling;
const watched: WatchedRound[] = [];

const spansOf = ({ round }: WatchedRound) => {
  const { traceId } = traceOfRound(round.id);
  return collector.spans.filter((span) => span.traceId === traceId);
};
const attributesOf = (span: SpanCollector['spans'][number]): Record<string, unknown> =>
  Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

beforeAll(async () => {
  collector = await startSpanCollector();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  // Also where somebody sets it for all of them, those that serve devices trace nothing.
  starling = await startStarling({ issuers: [env], intakes: [env], coordinator: env, worker: env });
  for (const devices of CROWDS) watched.push(await watchedRound(starling, { devices, isMeasured: true }));
  const isWhole = (one: WatchedRound): boolean => ALL.every((name) => spansOf(one).some((span) => span.name === name));
  while (!watched.every(isWhole)) await sleep(100);
  await sleep(2500); // what else would come
}, 150_000);
afterAll(async () => {
  await starling.stop();
  await collector.close();
});

describe('traces', () => {
  // Kills: a process that makes a trace of its own; a step that is forgotten.
  it('[OBS11] a round is one trace from the API over the queue to the worker', () => {
    for (const one of watched) {
      const spans = spansOf(one);
      expect([...new Set(spans.map(({ name }) => name))].sort()).toEqual(ALL);
      const { rootSpanId } = traceOfRound(one.round.id);
      const roots = spans.filter(({ parentSpanId = '' }) => parentSpanId === '');
      expect(roots.map(({ name, spanId }) => ({ name, spanId }))).toEqual([
        { name: 'round start', spanId: rootSpanId },
      ]);
      for (const span of spans) {
        if (span.name !== 'round start') expect(span.parentSpanId).toBe(rootSpanId);
        expect(span.service).toBe(span.name.startsWith('round ') ? 'starling-coordinator' : 'starling-worker');
        expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
      }
    }
  });

  // Kills: a span for each device, submission or token; a span of a process that serves devices.
  it('[OBS12] nothing of what devices do is in a trace: how many there were cannot be told', () => {
    const names = watched.map((one) =>
      [...new Set(spansOf(one).map(({ name, attributes }) => `${name} ${attributes.length}`))].sort(),
    );
    expect(names[0]).toEqual(names[1]);
    const ofRounds = new Set(watched.flatMap(spansOf));
    expect(collector.spans.filter((span) => !ofRounds.has(span))).toEqual([]);
    expect(new Set(collector.spans.map(({ service }) => service))).toEqual(
      new Set(['starling-coordinator', 'starling-worker']),
    );
  });

  // Kills: an attribute with a digest, an address or a job's id.
  it('[OBS12] a span carries the round, its use case and sequence, and a shard, and nothing else', () => {
    for (const one of watched) {
      for (const span of spansOf(one)) {
        const { 'starling.round': id, 'starling.use_case': useCase, ...rest } = attributesOf(span);
        expect({ id, useCase }).toEqual({ id: one.round.id, useCase: one.useCase });
        const { 'starling.sequence': sequence, 'starling.shard': shard, ...others } = rest;
        expect(others).toEqual({});
        if (span.name !== 'round start') expect(Number(sequence)).toBe(one.round.sequence);
        if (span.name.endsWith('fold-shard')) expect(Number(shard)).toBe(0);
      }
      expect(one.traces(collector.bodies.join('\n'))).toEqual([]);
    }
  });
});

describe('without a collector', () => {
  // Kills: an exporter that fails a round, fills the log, or keeps a process from ending.
  it('[OBS13] that is away a round goes on, nothing is logged, and processes stop as they do', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort(39_000)}` };
    const alone = await startStarling({ coordinator: env, worker: env });
    try {
      const { round } = await watchedRound(alone, { devices: 2 });
      expect(round.state).toBe('published');
      expect(alone.log('coordinator') + alone.log('worker')).toBe('');
      for (const name of ['coordinator', 'worker']) {
        alone.kill(name, 'SIGTERM');
        while (alone.ends(name).length === 0) await sleep(50);
        expect(alone.ends(name)).toEqual(['code 0']);
      }
    } finally {
      await alone.stop();
    }
  });
});
