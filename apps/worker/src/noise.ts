import {
  addDiscreteGaussian,
  decodeTreeState,
  EMPTY_TREE,
  encodeTreeState,
  releaseStep,
  seededBytes,
  toDeviation,
  treeStateLength,
  type TreeState,
} from '#learning';
import type { BodyStore } from '#storage/bodies';
import type { KeptTree } from '#storage/rounds';

import type { CombineResult, Noise, TreeNoise } from './arithmetic.js';
import { readInto, writeBody } from './stored-body.js';

export type NextTree = NonNullable<CombineResult['tree']>;

/**
 * Adds a round's noise to its sum, in place.
 *
 * @returns the tree after it, durable, where the noise is a tree's
 */
export async function addNoise(store: BodyStore, values: Float64Array, noise: Noise): Promise<NextTree | null> {
  if ('tree' in noise) return addTreeNoise(store, values, noise);
  const bytesOf = (block: number) => seededBytes(noise.seed, 'noise', block);
  addDiscreteGaussian(values, { deviation: toDeviation(noise.deviation), bytesOf });
  return null;
}

async function addTreeNoise(
  store: BodyStore,
  values: Float64Array,
  { tree, step, into, deviation }: TreeNoise & { readonly deviation: number },
): Promise<NextTree> {
  const dimension = values.length;
  const before = { state: await readState(store, tree, dimension), seed: tree.seed };
  const released = releaseStep(before, { step, deviation: toDeviation(deviation), dimension });
  released.noise.forEach((number, j) => (values[j]! += number));
  const digest = await writeBody(store, into, encodeTreeState(released.tree.state, dimension));
  return { seed: released.tree.seed, digest };
}

async function readState(store: BodyStore, { steps, sums }: KeptTree, dimension: number): Promise<TreeState> {
  if (sums === null) return EMPTY_TREE;
  const bytes = new Uint8Array(treeStateLength(steps, dimension));
  await readInto(store, sums.fileId, bytes, sums.digest);
  return decodeTreeState(bytes, steps, dimension);
}
