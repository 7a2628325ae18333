import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { encodeSafetensors, unflatten } from '#learning';
import { chooseBackend, inputShapeOf, modelFromTopology } from '#tensorflow';

import { loadDigits, splitTest, toInput } from '../data/index.js';
import { DEMO_SETTINGS, initialParameters, MODELS } from '../training/index.js';

/** What the variable STARLING_TASK says, as one JSON object. */
export const TaskPlan = z.strictObject({
  /** where the files go */
  directory: z.string().min(1),
  cacheDirectory: z.string().min(1),
  model: z.enum(['mlp', 'cnn']),
  seed: z.int().min(0),
});
export type TaskPlan = z.infer<typeof TaskPlan>;

/**
 * Writes what a researcher would bring: `use-case.json`, as `starling use-case create` reads it but for its name, the
 * three files it points to, and `training.json`, by which the fleet trains. The same seed gives the same bytes.
 */
export async function prepareTask({ directory, cacheDirectory, model: name, seed }: TaskPlan): Promise<void> {
  const { topology, layout } = MODELS[name];
  const { rounds, training, grid, strategy } = DEMO_SETTINGS[name];
  const backend = await chooseBackend();
  const model = await modelFromTopology(topology);
  const { test } = splitTest(await loadDigits(cacheDirectory), seed);
  const inputs = [test.labels.length, ...inputShapeOf(model)];
  model.dispose();

  await mkdir(directory, { recursive: true });
  const write = (file: string, data: string | Uint8Array): Promise<void> => writeFile(join(directory, file), data);
  await write('topology.json', JSON.stringify(topology));
  await write('initial.safetensors', encodeSafetensors(unflatten(initialParameters(name, seed), layout)));
  await write(
    'evaluation.safetensors',
    encodeSafetensors([
      { name: 'inputs', shape: inputs, data: toInput(test.inputs) },
      { name: 'labels', shape: inputs.slice(0, 1), data: Float32Array.from(test.labels) },
    ]),
  );
  const files = {
    topology: 'topology.json',
    initialModel: 'initial.safetensors',
    evaluationSet: 'evaluation.safetensors',
  };
  await write('use-case.json', JSON.stringify({ title: 'Handwritten digits', layout, ...grid, strategy, ...files }));
  await write('training.json', JSON.stringify({ rounds, training, backend: backend.name }));
}
