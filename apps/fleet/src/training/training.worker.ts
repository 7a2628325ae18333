import { move } from 'piscina';

import { chooseBackend, modelFromTopology, type LayersModel } from '#tensorflow';

import { trainLocally } from './local-training.js';
import type { TrainingTask } from './training-pool.js';

/** Models this thread has built, by topology: scratch space for the next training. */
const models = new Map<string, LayersModel>();

/** Runs one device's training in this thread; piscina calls it. */
export default async function train({ topology, parameters, examples, settings }: TrainingTask): Promise<Float32Array> {
  await chooseBackend();
  const key = JSON.stringify(topology);
  let model = models.get(key);
  if (model === undefined) models.set(key, (model = await modelFromTopology(topology)));
  return move(trainLocally(model, parameters, examples, settings)) as unknown as Float32Array;
}
