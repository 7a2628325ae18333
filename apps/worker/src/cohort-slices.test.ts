import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { plainKernel, wasmKernel, type FoldKernel } from '#fold';
import {
  aggregateInMemory,
  BOOK,
  encodeInt32LE,
  Strategies,
  type SliceAggregator,
  type StrategyChoice,
} from '#learning';
import { FileBodyStore } from '#storage/bodies';

import { CohortSlices } from './cohort-slices.js';

const kernels = [plainKernel, wasmKernel()];
const DIMENSION = 37;
const SCALE = 256;
const MEMBERS = 9;
const deltas = Array.from({ length: MEMBERS }, (_, i) =>
  Int32Array.from({ length: DIMENSION }, (_, j) => ((i * 7919 + j * 104_729 + i * i * j * 31) % 2001) - 1000),
);

let directory: string;
let store: FileBodyStore;
let submissions: { bodyId: Uint8Array; payloadDigest: Uint8Array; weight: number }[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-test-'));
  store = new FileBodyStore(directory);
  submissions = await Promise.all(
    deltas.map(async (delta, i) => {
      const bodyId = new Uint8Array(16).fill(i);
      const bytes = encodeInt32LE(delta);
      const writer = store.create(bodyId);
      await writer.write(bytes);
      await writer.commit();
      return { bodyId, payloadDigest: createHash('sha256').update(bytes).digest(), weight: 1 + (i % 3) };
    }),
  );
});
afterEach(() => rm(directory, { recursive: true }));

const cohortOf = (updates: typeof submissions) => ({
  submissions: updates,
  dimension: DIMENSION,
  encoding: 'int32' as const,
});

function aggregatorOf(choice: StrategyChoice): SliceAggregator {
  const { aggregator } = new Strategies(BOOK).make(choice);
  if (aggregator.reads !== 'slices') throw new Error(`${choice.name} reads sums`);
  return aggregator;
}

const STRATEGIES: StrategyChoice[] = [
  { name: 'FedMedian' },
  { name: 'FedTrimmedAvg', beta: 0.2 },
  { name: 'Krum', malicious: 2 },
  { name: 'MultiKrum', malicious: 2, selected: 4 },
  { name: 'Bulyan', malicious: 1 },
  { name: 'GeometricMedian' },
  { name: 'NormBoundedMean', bound: 5 },
  { name: 'QFedAvg', q: 1, clientLearningRate: 0.5 },
];

// Kills: distances or norms of one slice taken for those of the whole; members weighed anew in every slice; bounds
// in grid units.
it.each(STRATEGIES)('[STR5] $name of slices is $name of the whole, however small they are', async (choice) => {
  const aggregator = aggregatorOf(choice);
  const cohort = deltas.map((delta, i) => ({
    delta: Float64Array.from(delta, (value) => value / SCALE),
    weight: submissions[i]!.weight,
  }));
  const whole = aggregateInMemory(aggregator, cohort);
  for (const [pieceBytes, kernel] of [4, 40, undefined].flatMap((bytes) =>
    kernels.map((one) => [bytes, one] as const),
  )) {
    const sliced = await new CohortSlices({ store, kernel }, cohortOf(submissions), pieceBytes).aggregate(
      aggregator,
      SCALE,
    );
    for (let j = 0; j < DIMENSION; j++) expect(sliced[j]).toBeCloseTo(whole[j]!, 9);
  }
});

// Kills: no look at the digest: the file may have rotted since it was accepted.
it('[STR5] a body that is gone, short or another is found out', async () => {
  const slices = () =>
    new CohortSlices({ store, kernel: plainKernel }, cohortOf(submissions)).aggregate(
      aggregatorOf({ name: 'FedMedian' }),
      SCALE,
    );
  const file = join(directory, '03', '03'.repeat(16));
  const codeOf = (code: string) => expect.objectContaining({ code });
  await writeFile(file, encodeInt32LE(deltas[4]!));
  await expect(slices()).rejects.toEqual(codeOf('body_damaged'));
  await truncate(file, 4);
  await expect(slices()).rejects.toEqual(codeOf('body_damaged'));
  await rm(file);
  await expect(slices()).rejects.toEqual(codeOf('body_missing'));
});

// Kills: a kernel that is never asked, or that is asked for what it does not compute.
it('[LRN31] the kernel ranks, and nothing else', async () => {
  const asked: unknown[] = [];
  const kernel: FoldKernel = {
    ...plainKernel,
    median: (rows) => (asked.push('median'), plainKernel.median(rows)),
    trimmedMean: (rows, cut) => (asked.push(cut), plainKernel.trimmedMean(rows, cut)),
  };
  for (const choice of STRATEGIES)
    await new CohortSlices({ store, kernel }, cohortOf(submissions)).aggregate(aggregatorOf(choice), SCALE);
  expect(asked).toEqual(['median', Math.floor(0.2 * MEMBERS)]);
});

// Kills: a file open for each update of a cohort, and one that is opened again and not closed.
it('[LRN32] reads more updates than the system lets it have files open', () => {
  const [script, updates, files] = [fileURLToPath(new URL('./large-cohort.fixture.js', import.meta.url)), 801, 400];
  const command = `ulimit -n ${files} && exec "$0" "$@"`;
  const output = execFileSync('sh', ['-c', command, process.execPath, script, directory, `${updates}`]);
  expect(String(output)).toBe('400 -400\n');
});
