import { createHash } from 'node:crypto';

import { chooseKernel } from '#fold';
import {
  decodeOptimizerState,
  decodeSafetensors,
  divisorOf,
  encodeOptimizerState,
  encodeSafetensors,
  ExactSum,
  fedAvg,
  flatten,
  initialState,
  layoutOfTensors,
  LearningError,
  sumHeader,
  unflatten,
  type OptimizerState,
  type ServerOptimizer,
  type SliceAggregator,
  type SumAggregator,
} from '#learning';
import { FileBodyStore, ModelStore } from '#storage/bodies';
import { StorageError } from '#storage/database';
import { loadStrategies, STRATEGY_MODULES } from '#strategies';

import type { CombineResult, CombineTask, FoldResult, FoldTask, Rotten, TotalResult, TotalTask } from './arithmetic.js';
import { CohortSlices } from './cohort-slices.js';
import { addNoise, type NextTree } from './noise.js';
import { readInto, writeBody } from './stored-body.js';
import { sumShard } from './sum-shard.js';
import { UpdateNorms } from './update-norms.js';

/** The process says at its start which one it is. */
const { kernel } = chooseKernel();

/** Each thread has its own: functions do not pass between them. */
const strategies = loadStrategies(STRATEGY_MODULES.parse(process.env['STRATEGY_MODULES']));

export const fold = (task: FoldTask): Promise<FoldResult | Rotten> =>
  orRotten(async () => {
    const { aggregator } = (await strategies).make(task.strategy);
    return aggregator.reads === 'sum'
      ? sumShard(new FileBodyStore(task.bodies), kernel, task)
      : aggregateCohort(task, aggregator);
  });
export const combine = (task: CombineTask): Promise<CombineResult | Rotten> => orRotten(() => makeModel(task));
export const total = (task: TotalTask): Promise<TotalResult | Rotten> =>
  orRotten(async () => {
    const { sum } = await sumOfPartials(task);
    return { submissions: sum.count, values: sum.values };
  });

/** The aggregate of the whole frozen list, for a strategy that reads its updates side by side. */
async function aggregateCohort(task: FoldTask, aggregator: SliceAggregator): Promise<FoldResult> {
  const { bodies, submissions, grid, fileId } = task;
  const store = new FileBodyStore(bodies);
  const norms = task.measures === true ? new UpdateNorms(kernel, submissions.length) : undefined;
  const aggregate = await new CohortSlices({ store, kernel }, task).aggregate(aggregator, grid.scale, norms);
  const totalWeight = submissions.reduce((sum, { weight }) => sum + weight, 0);
  const digest = await writeBody(store, fileId, float64Bytes(aggregate));
  return { submissions: submissions.length, totalWeight, digest, squaredNorms: norms?.sorted };
}

/** Lets the strategy make the next model of what was folded, and stores it. */
async function makeModel(task: CombineTask): Promise<CombineResult> {
  const { models, dimension, modelIn } = task;
  const { aggregator, optimizer } = (await strategies).make(task.strategy);
  const { submissions, aggregate, tree } = await (aggregator.reads === 'sum'
    ? meanOfSums(task, aggregator)
    : readAggregate(task));
  const files = new ModelStore(models);
  const tensors = decodeSafetensors(await stored(files, modelIn));
  const state =
    task.optimizerState === null
      ? initialState(dimension)
      : decodeOptimizerState(await stored(files, task.optimizerState), optimizer, dimension);
  const next = optimizer.step(new Float64Array(flatten(tensors)), aggregate, state);
  const parameters = new Float32Array(next.x);
  // What is finite as float64 may not be as float32.
  if (!areFinite(parameters)) throw new LearningError('not_finite', 'the new model is not finite');
  const modelOut = await files.put(encodeSafetensors(unflatten(parameters, layoutOfTensors(tensors))));
  return {
    ...{ submissions, modelOut: new Uint8Array(modelOut), aggregate: sha256(float64Bytes(aggregate)) },
    optimizerState: await putState(files, optimizer, next.state),
    tree,
  };
}

async function putState(
  files: ModelStore,
  { moments }: ServerOptimizer,
  state: OptimizerState,
): Promise<Uint8Array | null> {
  return moments === 0 ? null : new Uint8Array(await files.put(encodeOptimizerState(state, moments)));
}

interface Folded {
  readonly submissions: number;
  /** real units, length d */
  readonly aggregate: Float64Array;
  readonly tree: NextTree | null;
}

async function meanOfSums(task: CombineTask, aggregator: SumAggregator): Promise<Folded> {
  const { sum, tree } = await sumOfPartials(task);
  return { submissions: sum.count, aggregate: fedAvg(sum.values, divisorOf(aggregator, sum), task.grid), tree };
}

async function sumOfPartials({
  bodies,
  partials,
  grid,
  dimension,
  noise,
}: TotalTask): Promise<{ sum: ExactSum; tree: NextTree | null }> {
  const store = new FileBodyStore(bodies);
  const sum = new ExactSum(grid, dimension);
  const buffer = new Uint8Array(sumHeader(0, 0).length + 8 * dimension);
  for (const { fileId, digest } of partials) {
    await readInto(store, fileId, buffer, digest);
    sum.mergeBytes(buffer);
  }
  // The sum is of no more use without its noise.
  const tree = noise === null ? null : await addNoise(store, sum.values, noise);
  return { sum, tree };
}

/** A strategy that reads slices is one shard. */
async function readAggregate({ bodies, partials: [partial], dimension }: CombineTask): Promise<Folded> {
  const bytes = new Uint8Array(8 * dimension);
  await readInto(new FileBodyStore(bodies), partial!.fileId, bytes, partial!.digest);
  const view = new DataView(bytes.buffer);
  const aggregate = Float64Array.from({ length: dimension }, (_, j) => view.getFloat64(8 * j, true));
  return { submissions: partial!.submissions, aggregate, tree: null };
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

/** A plain loop, as below: a function for each number takes three times as long. */
function areFinite(values: Float32Array): boolean {
  for (let j = 0; j < values.length; j++) if (!Number.isFinite(values[j])) return false;
  return true;
}

/** Little-endian whatever the machine: the digest is public and must be the same everywhere. */
function float64Bytes(values: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let j = 0; j < values.length; j++) view.setFloat64(8 * j, values[j]!, true);
  return new Uint8Array(view.buffer);
}

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
