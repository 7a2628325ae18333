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

interface Batch {
  readonly values: Float32Array;
  readonly shape: number[];
  readonly labels: Int32Array;
}

function selectBatch(
  model: LayersModel,
  { inputs, labels }: { inputs: Float32Array; labels: Uint8Array },
  indices: Uint32Array,
): Batch {
  const inputShape = inputShapeOf(model);
  const length = shapeLength(inputShape);
  const values = new Float32Array(indices.length * length);
  indices.forEach((index, i) => values.set(inputs.subarray(index * length, (index + 1) * length), i * length));
  return { values, shape: [indices.length, ...inputShape], labels: Int32Array.from(indices, (i) => labels[i]!) };
}

const variablesOf = (model: LayersModel): Variable[] =>
  model.trainableWeights.map((weight) => weight.read() as Variable);

interface Step {
  readonly rate: number;
  readonly mu: number;
  /** the round's parameters, a tensor a variable; none where μ is 0 */
  readonly anchors: readonly Tensor[];
}

/** One step of SGD: w ← w − rate · (∂loss/∂w + μ·(w − anchor)). */
function descend(model: LayersModel, { values, shape, labels }: Batch, { rate, mu, anchors }: Step): void {
  tf.tidy(() => {
    const x = tf.tensor(values, shape);
    const wanted = tf.oneHot(tf.tensor1d(labels, 'int32'), model.outputs[0]!.shape.at(-1)!);
    const variables = variablesOf(model);
    const loss = (): Scalar => tf.losses.softmaxCrossEntropy(wanted, model.apply(x, { training: true }) as Tensor);
    const { grads } = tf.variableGrads(loss, variables);
    variables.forEach((variable, i) => {
      const gradient = grads[variable.name]!;
      const anchor = anchors[i];
      const slope = anchor === undefined ? gradient : tf.add(gradient, tf.mul(tf.sub(variable, anchor), mu));
      variable.assign(tf.sub(variable, tf.mul(slope, rate)));
    });
  });
}
