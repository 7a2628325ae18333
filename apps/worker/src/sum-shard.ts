import { createHash } from 'node:crypto';

import { crashPoint } from '#crash-point';
import type { FoldKernel } from '#fold';
import { checkWeights, maxCoordinate, sumHeader } from '#learning';
import type { BodyStore } from '#storage/bodies';

import type { FoldResult, FoldTask } from './arithmetic.js';
import { readSlices } from './read-slices.js';
import { UpdateNorms } from './update-norms.js';

/**
 * Sums updates exactly and stores the partial sum, the same bytes as `ExactSum.toBytes` of #learning, slice by slice:
 * in memory there is neither a whole update nor a whole sum. Nothing is stored unless every byte held.
 *
 * @throws LearningError `bad_weight`, `sum_overflow`, `out_of_range`
 * @throws StorageError `body_missing`, `body_damaged`
 */
export async function sumShard(
  store: BodyStore,
  kernel: FoldKernel,
  task: Omit<FoldTask, 'bodies' | 'strategy'>,
): Promise<FoldResult> {
  const { submissions, grid, fileId, measures } = task;
  const bounds = { weights: submissions.map(({ weight }) => weight), maxCoordinate: maxCoordinate(grid) };
  const totalWeight = checkWeights(bounds.weights, bounds.maxCoordinate);
  const norms = measures === true ? new UpdateNorms(kernel, submissions.length) : undefined;
  const hash = createHash('sha256');
  const writer = store.create(fileId);
  const put = (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    return writer.write(bytes);
  };
  try {
    await put(sumHeader(submissions.length, totalWeight));
    // One for all slices: what is written is no longer needed.
    let sums = new Uint8Array(0);
    for await (const { length, rows } of readSlices(store, task)) {
      if (sums.length < 8 * length) sums = new Uint8Array(8 * length);
      const sum = sums.subarray(0, 8 * length);
      kernel.sum(rows, bounds, sum);
      norms?.add(rows);
      crashPoint('worker-mid-sum');
      await put(sum);
    }
    await writer.commit();
  } catch (error) {
    await writer.discard();
    throw error;
  }
  const digest = new Uint8Array(hash.digest());
  return { submissions: submissions.length, totalWeight, digest, squaredNorms: norms?.sorted };
}
