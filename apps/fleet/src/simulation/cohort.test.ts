import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { plainKernel } from '#fold';
import { encodeInt32LE, type StrategyChoice } from '#learning';
import { FileBodyStore } from '#storage/bodies';

import { CohortSlices } from '../../../worker/src/cohort-slices.js';
import { sumShard } from '../../../worker/src/sum-shard.js';
import { Random } from '../data/index.js';
import { gatherFor } from './cohort.js';
import { STRATEGIES } from './strategies.js';

const [MEMBERS, DIMENSION] = [11, 500];
const GRID = { scale: 2 ** 10, clip: 4 };
const random = new Random('cohort');
const updates = Array.from({ length: MEMBERS }, () =>
  Int32Array.from({ length: DIMENSION }, () => Math.round(100 * random.normal())),
);

let directory: string;
let store: FileBodyStore;
const submissions = updates.map((update, i) => ({
  bodyId: new Uint8Array(16).fill(i + 1),
  payloadDigest: new Uint8Array(createHash('sha256').update(encodeInt32LE(update)).digest()),
  weight: 1,
}));
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'simulated-cohort-'));
  store = new FileBodyStore(directory);
  for (const [i, update] of updates.entries()) {
    const writer = store.create(submissions[i]!.bodyId);
    await writer.write(encodeInt32LE(update));
    await writer.commit();
  }
});
afterAll(() => rm(directory, { recursive: true }));

const CHOICES: StrategyChoice[] = [
  { name: 'FedMedian' },
  { name: 'FedTrimmedAvg', beta: 0.2 },
  { name: 'MultiKrum', malicious: 2, selected: 7 },
  { name: 'Bulyan', malicious: 2 },
  { name: 'GeometricMedian' },
  { name: 'NormBoundedMean', bound: 2 },
];

// Kills: a bound or a distance in grid units; updates in order of arrival, where ties and sums depend on it.
it.each(CHOICES)('[SCN14] $name of a simulated cohort is the worker’s', async (choice) => {
  const { aggregator } = STRATEGIES.make(choice);
  if (aggregator.reads !== 'slices') throw new Error(`${choice.name} reads sums`);
  const cohort = gatherFor(aggregator, GRID, DIMENSION);
  for (const i of [...updates.keys()].reverse()) cohort.add(i, updates[i]!);
  const slices = new CohortSlices(
    { store, kernel: plainKernel },
    { submissions, dimension: DIMENSION, encoding: 'int32' },
  );
  expect(cohort.aggregate(null)).toEqual(await slices.aggregate(aggregator, GRID.scale));
});

it('[SCN14] the sum of a simulated cohort is the worker’s', async () => {
  const cohort = gatherFor({ reads: 'sum' }, GRID, DIMENSION);
  for (const [i, update] of updates.entries()) cohort.add(i, update);
  const fileId = new Uint8Array(16).fill(200);
  await sumShard(store, plainKernel, { submissions, grid: GRID, dimension: DIMENSION, encoding: 'int32', fileId });
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(fileId)) chunks.push(Uint8Array.from(chunk));
  const bytes = Buffer.concat(chunks);
  const mean = cohort.aggregate(null);
  expect(cohort.count).toBe(MEMBERS);
  for (let j = 0; j < DIMENSION; j++) {
    expect(mean[j]).toBe(Number(bytes.readBigInt64LE(16 + 8 * j)) / (GRID.scale * MEMBERS));
  }
});
