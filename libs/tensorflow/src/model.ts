import type { LayersModel } from '@tensorflow/tfjs-layers';

import { layoutLength, LearningError, shapeLength, type Layout, type Topology } from '#learning';

import { tf } from './tf.js';

/**
 * Builds the model a topology describes. Its parameters are whatever the initializers gave: set them next.
 * The caller disposes it.
 *
 * @throws LearningError `malformed_model` when TensorFlow.js cannot build it, or when it has
 *   tensors that are not trained (batch normalisation): the devices' updates would not carry them
 */
export async function modelFromTopology(topology: Topology): Promise<LayersModel> {
  const model = await build(topology);
  if (model.nonTrainableWeights.length === 0) return model;
  model.dispose();
  throw new LearningError('malformed_model', 'the model has tensors that no training changes, and no update carries');
}

async function build(topology: Topology): Promise<LayersModel> {
  try {
    return await tf.models.modelFromJSON(plainCopy(topology));
  } catch (cause) {
    throw new LearningError('malformed_model', 'the topology does not describe a model', { cause });
  }
}

/** Names and shapes of the trainable tensors, in the model's order: the order of an update's numbers. */
export function layoutOf(model: LayersModel): Layout {
  // originalName: the plain one. `name` gets a counter when a process builds the same model twice.
  return model.trainableWeights.map(({ originalName, shape }) => ({ name: originalName, shape: shape.map(Number) }));
}

/** All trainable parameters in layout order, float32; a copy. */
export function getParameters(model: LayersModel): Float32Array {
  const flat = new Float32Array(layoutLength(layoutOf(model)));
  let offset = 0;
  for (const weight of model.trainableWeights) {
    const values = weight.read().dataSync();
    flat.set(values, offset);
    offset += values.length;
  }
  return flat;
}

/**
 * Replaces all trainable parameters.
 *
 * @param flat  float32, layout order; not modified
 * @throws LearningError `dimension_mismatch`
 */
export function setParameters(model: LayersModel, flat: Float32Array): void {
  const expected = layoutLength(layoutOf(model));
  if (flat.length !== expected) {
    throw new LearningError('dimension_mismatch', `the model has ${expected} parameters, got ${flat.length}`);
  }
  let offset = 0;
  tf.tidy(() => {
    for (const weight of model.trainableWeights) {
      const shape = weight.shape.map(Number);
      const length = shapeLength(shape);
      weight.write(tf.tensor(flat.slice(offset, offset + length), shape));
      offset += length;
    }
  });
}

/** TensorFlow.js renames keys in place while it reads a description. */
const plainCopy = (topology: Topology): Record<string, never> =>
  JSON.parse(JSON.stringify(topology)) as Record<string, never>;
