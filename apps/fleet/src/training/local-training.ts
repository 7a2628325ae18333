import { descend, getParameters, selectBatch, setParameters, tf, variablesOf, type LayersModel } from '#tensorflow';

import { Random, toInput, type Examples } from '../data/index.js';

/** How a device trains; the same for all devices of a task. */
export interface TrainingSettings {
  /** Passes over the device's own examples. */
  readonly localEpochs: number;
  readonly batchSize: number;
  /** Step of plain SGD. */
  readonly learningRate: number;
  /** FedProx's pull towards the round's model; 0, the default, is none. */
  readonly proximalMu?: number;
}

/**
 * Trains a model on one device's examples: minibatch SGD on the softmax cross-entropy.
 * Deterministic: the order of the examples comes from `seed` alone. No tensor outlives the call.
 *
 * @param model  scratch space: its parameters on entry do not matter
 * @param parameters  the round's model, float32, layout order; not modified
 * @param examples  the device's own
 * @returns the trained parameters, float32, layout order
 */
export function trainLocally(
  model: LayersModel,
  parameters: Float32Array,
  examples: Examples,
  settings: TrainingSettings & { readonly seed: number | string },
): Float32Array {
  setParameters(model, parameters);
  const { learningRate: rate, proximalMu: mu = 0 } = settings;
  const anchors = mu === 0 ? [] : variablesOf(model).map((variable) => tf.clone(variable));
  const random = new Random(settings.seed, 'local-training');
  const inputs = toInput(examples.inputs);
  const order = Uint32Array.from(examples.labels, (_, index) => index);
  for (let pass = 0; pass < settings.localEpochs; pass++) {
    random.shuffle(order);
    for (let start = 0; start < order.length; start += settings.batchSize) {
      const batch = selectBatch(
        model,
        { inputs, labels: examples.labels },
        order.subarray(start, start + settings.batchSize),
      );
      descend(model, batch, { rate, mu, anchors });
    }
  }
  tf.dispose(anchors);
  return getParameters(model);
}
