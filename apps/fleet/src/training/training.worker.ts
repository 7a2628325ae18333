import { move } from 'piscina';

import {
  chooseBackend,
  evaluate as evaluateModel,
  modelFromTopology,
  setParameters,
  type Evaluation,
  type LayersModel,
  type Topology,
} from '#tensorflow';

import { toInput } from '../data/index.js';
import { trainLocally } from './local-training.js';
import type { EvaluationTask, TrainingTask } from './training-pool.js';

/** Models this thread has built, by topology: scratch space for the next training. */
const models = new Map<string, LayersModel>();

/** Runs one device's training in this thread; piscina calls it. */
export default async function train({ topology, parameters, examples, settings }: TrainingTask): Promise<Float32Array> {
  const model = await modelOf(topology);
  return move(trainLocally(model, parameters, examples, settings)) as unknown as Float32Array;
}

/** Measures a model on one device's held-out examples. */
export async function evaluate({ topology, parameters, examples }: EvaluationTask): Promise<Evaluation> {
  const model = await modelOf(topology);
  setParameters(model, parameters);
  return evaluateModel(model, toInput(examples.inputs), examples.labels);
}

async function modelOf(topology: Topology): Promise<LayersModel> {
  await chooseBackend();
  const key = JSON.stringify(topology);
  let model = models.get(key);
  if (model === undefined) models.set(key, (model = await modelFromTopology(topology)));
  return model;
}
