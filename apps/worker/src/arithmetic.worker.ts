import { createHash } from 'node:crypto';

import { chooseKernel } from '#fold';
import {
  decodeSafetensors,
  encodeSafetensors,
  ExactSum,
  fedAvg,
  flatten,
  layoutOfTensors,
  LearningError,
  serverStep,
  unflatten,
} from '#learning';
import { FileBodyStore, ModelStore, type BodyStore } from '#storage/bodies';
import { StorageError } from '#storage/database';

import type { CombineResult, CombineTask, FoldResult, FoldTask, Rotten } from './arithmetic.js';
import { damaged } from './cohort-slices.js';
import { sumShard } from './sum-shard.js';

/** The process says at its start which one it is. */
const { kernel } = chooseKernel();

export const fold = (task: FoldTask): Promise<FoldResult | Rotten> =>
  orRotten(() => sumShard(new FileBodyStore(task.bodies), kernel, task));
export const combine = (task: CombineTask): Promise<CombineResult | Rotten> => orRotten(() => makeModel(task));

/** Adds the partial sums, lets the strategy and the server step make the next model, and stores it. */
async function makeModel(task: CombineTask): Promise<CombineResult> {
  const { bodies, models, partials, grid, dimension, modelIn, modelBefore } = task;
  const store = new FileBodyStore(bodies);
  const sum = new ExactSum(grid, dimension);
  const buffer = new Uint8Array(new ExactSum(grid, 0).toBytes().length + 8 * dimension);
  for (const { fileId, digest } of partials) {
    await readInto(store, fileId, buffer, digest);
    sum.merge(ExactSum.fromBytes(buffer, grid, dimension));
  }
  const files = new ModelStore(models);
  const tensors = decodeSafetensors(await stored(files, modelIn));
  const current = flatten(tensors);
  const previous = modelBefore === null ? current : flatten(decodeSafetensors(await stored(files, modelBefore)));
  const aggregate = fedAvg(sum.values, sum.totalWeight, grid);
  const next = serverStep({ current, previous }, aggregate, task.serverStep);
  const modelOut = await files.put(encodeSafetensors(unflatten(next, layoutOfTensors(tensors))));
  return { submissions: sum.count, modelOut: new Uint8Array(modelOut), aggregate: sha256(float64Bytes(aggregate)) };
}

/** Reads a body of exactly the buffer's length. The digest is checked again: files may rot between intake and here. */
async function readInto(store: BodyStore, id: Uint8Array, buffer: Uint8Array, digest: Uint8Array): Promise<void> {
  const hash = createHash('sha256');
  let at = 0;
  for await (const chunk of store.read(id)) {
    if (at + chunk.length > buffer.length) throw damaged();
    hash.update(chunk);
    buffer.set(chunk, at);
    at += chunk.length;
  }
  if (at !== buffer.length || !hash.digest().equals(digest)) throw damaged();
}

/** Rotten content stays rotten; everything else is I/O, and may be better the next time. */
async function orRotten<T>(work: () => Promise<T>): Promise<T | Rotten> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LearningError || error instanceof StorageError) return { rotten: error.message };
    throw error;
  }
}

async function stored(files: ModelStore, digest: Uint8Array): Promise<Uint8Array> {
  const bytes = await files.get(digest);
  if (bytes === undefined) throw new StorageError('body_missing', 'a model is not in the store');
  return bytes;
}

/** Little-endian whatever the machine: the digest is public and must be the same everywhere. */
function float64Bytes(values: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => view.setFloat64(8 * i, value, true));
  return new Uint8Array(view.buffer);
}

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
