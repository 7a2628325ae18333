import {
  addDiscreteGaussian,
  decodeTreeState,
  decodeVectors,
  EMPTY_TREE,
  encodeTreeState,
  encodeVectors,
  factorNorm,
  recentSteps,
  releaseBanded,
  releaseStep,
  seededBytes,
  toDeviation,
  treeStateLength,
  vectorsLength,
} from '#learning';
import type { BodyStore } from '#storage/bodies';
import type { KeptTree } from '#storage/rounds';

import type { CombineResult, Noise, TreeNoise } from './arithmetic.js';
import { readInto, writeBody } from './stored-body.js';

export type NextTree = NonNullable<CombineResult['tree']>;

/** The noise of a release, and what is kept for the next. */
interface Drawn {
  readonly noise: Float64Array;
  readonly seed: Uint8Array;
  readonly kept: Uint8Array;
}
type Task = TreeNoise & { readonly deviation: number; readonly dimension: number };

/**
 * Adds a round's noise to its sum, in place.
 *
 * @returns what is kept of noise that cancels from round to round, durable
 */
export async function addNoise(store: BodyStore, values: Float64Array, noise: Noise): Promise<NextTree | null> {
  if ('tree' in noise) return addCancellingNoise(store, values, noise);
  const bytesOf = (block: number) => seededBytes(noise.seed, 'noise', block);
  addDiscreteGaussian(values, { deviation: toDeviation(noise.deviation), bytesOf });
  return null;
}

async function addCancellingNoise(
  store: BodyStore,
  values: Float64Array,
  noise: TreeNoise & { readonly deviation: number },
): Promise<NextTree> {
  const task = { ...noise, dimension: values.length };
  const { tree, bands, into } = noise;
  const drawn =
    bands === undefined
      ? ofTree(task, await read(store, tree, treeStateLength(tree.steps, values.length)))
      : ofBands(task, bands, await read(store, tree, vectorsLength(recentSteps(tree.steps, bands), values.length)));
  drawn.noise.forEach((number, j) => (values[j]! += number));
  return { seed: drawn.seed, digest: await writeBody(store, into, drawn.kept) };
}

function ofTree({ tree: { steps, seed }, step, deviation, dimension }: Task, kept: Uint8Array): Drawn {
  const state = steps === 0 ? EMPTY_TREE : decodeTreeState(kept, steps, dimension);
  const { noise, tree } = releaseStep({ state, seed }, { step, deviation: toDeviation(deviation), dimension });
  return { noise, seed: tree.seed, kept: encodeTreeState(tree.state, dimension) };
}

function ofBands({ tree: { steps, seed }, step, deviation, dimension }: Task, bands: number, kept: Uint8Array): Drawn {
  const state = { steps, recent: decodeVectors(kept, recentSteps(steps, bands), dimension) };
  const release = { step, deviation: toDeviation(deviation * factorNorm(bands)), dimension, bands };
  const { noise, next } = releaseBanded({ state, seed }, release);
  return { noise, seed: next.seed, kept: encodeVectors(next.state.recent, dimension) };
}

async function read(store: BodyStore, { sums }: KeptTree, length: number): Promise<Uint8Array> {
  if (sums === null) return new Uint8Array(0);
  const bytes = new Uint8Array(length);
  await readInto(store, sums.fileId, bytes, sums.digest);
  return bytes;
}
