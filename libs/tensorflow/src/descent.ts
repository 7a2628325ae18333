import type { Tensor, Variable, Scalar } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

import { shapeLength } from '#learning';

import { inputShapeOf } from './evaluate.js';
import { tf } from './tf.js';

/** Some examples of a data set, as a model takes them. */
export interface Batch {
  readonly values: Float32Array;
  readonly shape: number[];
  readonly labels: Int32Array;
}

/** The examples at `indices`; copies. */
export function selectBatch(
  model: LayersModel,
  { inputs, labels }: { readonly inputs: Float32Array; readonly labels: ArrayLike<number> },
  indices: Uint32Array,
): Batch {
  const inputShape = inputShapeOf(model);
  const length = shapeLength(inputShape);
  const values = new Float32Array(indices.length * length);
  indices.forEach((index, i) => values.set(inputs.subarray(index * length, (index + 1) * length), i * length));
  return { values, shape: [indices.length, ...inputShape], labels: Int32Array.from(indices, (i) => labels[i]!) };
}

export const variablesOf = (model: LayersModel): Variable[] =>
  model.trainableWeights.map((weight) => weight.read() as Variable);

export interface Step {
  readonly rate: number;
  readonly mu: number;
  /** the round's parameters, a tensor a variable; none where μ is 0 */
  readonly anchors: readonly Tensor[];
}

/**
 * One step of SGD on the softmax cross-entropy: w ← w − rate · (∂loss/∂w + μ·(w − anchor)).
 *
 * @returns the batch's mean loss before the step, nats
 */
export function descend(model: LayersModel, { values, shape, labels }: Batch, { rate, mu, anchors }: Step): number {
  return tf.tidy(() => {
    const x = tf.tensor(values, shape);
    const wanted = tf.oneHot(tf.tensor1d(labels, 'int32'), model.outputs[0]!.shape.at(-1)!);
    const variables = variablesOf(model);
    const loss = (): Scalar => tf.losses.softmaxCrossEntropy(wanted, model.apply(x, { training: true }) as Tensor);
    const { value, grads } = tf.variableGrads(loss, variables);
    variables.forEach((variable, i) => {
      const gradient = grads[variable.name]!;
      const anchor = anchors[i];
      const slope = anchor === undefined ? gradient : tf.add(gradient, tf.mul(tf.sub(variable, anchor), mu));
      variable.assign(tf.sub(variable, tf.mul(slope, rate)));
    });
    return value.dataSync()[0]!;
  });
}
