import { shapeLength } from '#learning';
import {
  getParameters,
  inputShapeOf,
  setParameters,
  tf,
  type LayersModel,
  type Scalar,
  type Tensor,
  type Variable,
} from '#tensorflow';

import { CLASSES, Random, toInput, type Examples } from '../data/index.js';

/** How a device trains; the same for all devices of a task. */
export interface TrainingSettings {
  /** Passes over the device's own images. */
  readonly localEpochs: number;
  readonly batchSize: number;
  /** Step of plain SGD. */
  readonly learningRate: number;
}

/**
 * Trains a model on one device's images: minibatch SGD on the softmax cross-entropy.
 * Deterministic: the order of the images comes from `seed` alone. No tensor outlives the call.
 *
 * @param model  scratch space: its parameters on entry do not matter
 * @param parameters  the round's model, float32, layout order; not modified
 * @param digits  the device's images
 * @returns the trained parameters, float32, layout order
 */
export function trainLocally(
  model: LayersModel,
  parameters: Float32Array,
  digits: Examples,
  settings: TrainingSettings & { readonly seed: number | string },
): Float32Array {
  setParameters(model, parameters);
  const random = new Random(settings.seed, 'local-training');
  const images = toInput(digits.inputs);
  const order = Uint32Array.from(digits.labels, (_, index) => index);
  for (let pass = 0; pass < settings.localEpochs; pass++) {
    random.shuffle(order);
    for (let start = 0; start < order.length; start += settings.batchSize) {
      const batch = selectBatch(
        model,
        { images, labels: digits.labels },
        order.subarray(start, start + settings.batchSize),
      );
      descend(model, batch, settings.learningRate);
    }
  }
  return getParameters(model);
}

interface Batch {
  readonly values: Float32Array;
  readonly shape: number[];
  readonly labels: Int32Array;
}

function selectBatch(
  model: LayersModel,
  { images, labels }: { images: Float32Array; labels: Uint8Array },
  indices: Uint32Array,
): Batch {
  const inputShape = inputShapeOf(model);
  const length = shapeLength(inputShape);
  const values = new Float32Array(indices.length * length);
  indices.forEach((index, i) => values.set(images.subarray(index * length, (index + 1) * length), i * length));
  return { values, shape: [indices.length, ...inputShape], labels: Int32Array.from(indices, (i) => labels[i]!) };
}

/** One step of SGD: w ← w − rate · ∂loss/∂w. */
function descend(model: LayersModel, { values, shape, labels }: Batch, rate: number): void {
  tf.tidy(() => {
    const x = tf.tensor(values, shape);
    const wanted = tf.oneHot(tf.tensor1d(labels, 'int32'), CLASSES);
    const variables = model.trainableWeights.map((weight) => weight.read() as Variable);
    const loss = (): Scalar => tf.losses.softmaxCrossEntropy(wanted, model.apply(x, { training: true }) as Tensor);
    const { grads } = tf.variableGrads(loss, variables);
    for (const variable of variables) variable.assign(tf.sub(variable, tf.mul(grads[variable.name]!, rate)));
  });
}
