import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Tensor2D } from '@tensorflow/tfjs-core';

import { LearningError, shapeLength } from '#learning';

import { tf } from './tf.js';

const BATCH = 250;

export interface Evaluation {
  /** Share of images whose largest logit is their label's, 0 to 1. */
  readonly accuracy: number;
  /** Mean softmax cross-entropy, nats. */
  readonly loss: number;
}

/** Shape of one input of a model, without the batch: [28, 28, 1] or [784]. */
export const inputShapeOf = (model: LayersModel): number[] => model.inputs[0]!.shape.slice(1).map(Number);

/**
 * Measures a classifier whose last layer gives logits.
 *
 * @param images  float32, n inputs one after another, each the product of the model's input shape long
 * @param labels  n class indices
 * @throws LearningError `wrong_length` without images, or when the two do not fit
 */
export function evaluate(model: LayersModel, images: Float32Array, labels: Uint8Array): Evaluation {
  const inputShape = inputShapeOf(model);
  const inputLength = shapeLength(inputShape);
  const count = labels.length;
  if (count === 0) throw new LearningError('wrong_length', 'no images to evaluate on');
  if (images.length !== count * inputLength) {
    throw new LearningError(
      'wrong_length',
      `${count} labels need ${count * inputLength} numbers, got ${images.length}`,
    );
  }
  let correct = 0;
  let loss = 0;
  for (let start = 0; start < count; start += BATCH) {
    const end = Math.min(count, start + BATCH);
    const values = images.slice(start * inputLength, end * inputLength);
    const batch = evaluateBatch(model, [end - start, ...inputShape], { values, labels: labels.subarray(start, end) });
    correct += batch.correct;
    loss += batch.loss;
  }
  return { accuracy: correct / count, loss: loss / count };
}

function evaluateBatch(model: LayersModel, shape: number[], batch: { values: Float32Array; labels: Uint8Array }) {
  return tf.tidy(() => {
    const logits = model.apply(tf.tensor(batch.values, shape), { training: false }) as Tensor2D;
    const wanted = tf.tensor1d(Int32Array.from(batch.labels), 'int32');
    const hits = tf.sum(tf.equal(tf.argMax(logits, 1), wanted)).dataSync()[0]!;
    const onehot = tf.oneHot(wanted, logits.shape[1]);
    const mean = tf.losses.softmaxCrossEntropy(onehot, logits).dataSync()[0]!;
    return { correct: hits, loss: mean * batch.labels.length };
  });
}
