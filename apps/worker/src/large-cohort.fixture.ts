/** (Its own process) Takes the median of more updates than it may have files open, and prints it. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { plainKernel } from '#fold';
import { BOOK, encodeInt32LE, Strategies, type SliceAggregator } from '#learning';
import { FileBodyStore, newBodyId } from '#storage/bodies';

import { CohortSlices } from './cohort-slices.js';

const [directory, count] = [process.argv[2]!, Number(process.argv[3])];
const submissions = [];
for (let i = 0; i < count; i++) {
  const [bodyId, bytes] = [newBodyId(), encodeInt32LE(Int32Array.of(i, -i))];
  // Not through the store's writer, which syncs each of them to the disk.
  const name = Buffer.from(bodyId).toString('hex');
  await mkdir(join(directory, name.slice(0, 2)), { recursive: true });
  await writeFile(join(directory, name.slice(0, 2), name), bytes);
  submissions.push({ bodyId, payloadDigest: createHash('sha256').update(bytes).digest(), weight: 1 });
}
const store = new FileBodyStore(directory);
const { aggregator } = new Strategies(BOOK).make({ name: 'FedMedian' });
// A slice of one coordinate: each file is read twice.
const cohort = new CohortSlices({ store, kernel: plainKernel }, { submissions, dimension: 2, encoding: 'int32' }, 4);
process.stdout.write(`${[...(await cohort.aggregate(aggregator as SliceAggregator, 1))].join(' ')}\n`);
