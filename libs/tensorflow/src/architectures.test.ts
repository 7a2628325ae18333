import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Tensor } from '@tensorflow/tfjs-core';

import { denseClassifier, smallCnn, type Architecture } from '#learning';

import { chooseBackend, layoutOf, modelFromTopology, tf } from './index.js';

const MODELS: readonly (readonly [string, readonly number[], Architecture])[] = [
  ['softmax regression of vectors', [784], denseClassifier([784], [], 10)],
  ['softmax regression of images', [28, 28, 1], denseClassifier([28, 28, 1], [], 10)],
  ['an MLP', [20], denseClassifier([20], [64, 32], 3)],
  ['an MLP of images', [5, 7, 3], denseClassifier([5, 7, 3], [4], 10)],
  ['a CNN of odd sizes', [27, 30, 3], smallCnn([27, 30, 3], 10)],
  ['a CNN of small images', [8, 8, 1], smallCnn([8, 8], 10)],
];

beforeAll(async () => void (await chooseBackend()));

describe('models that need no file', () => {
  // Kills: a layout that is not what TensorFlow.js makes of the topology; its rounds would be refused by every device.
  it.each(MODELS)('[WIZ3] %s is the model that its layout says, and gives logits', async (_, shape, architecture) => {
    const { topology, layout } = architecture;
    const model = await modelFromTopology(topology);
    expect(layoutOf(model)).toEqual(layout);
    const logits = model.predict(tf.ones([2, ...shape])) as Tensor;
    expect(logits.shape).toEqual([2, layout.at(-1)!.shape[0]]);
    model.dispose();
  });

  it('[WIZ3] a CNN of what is no image is refused', () => {
    expect(() => smallCnn([784], 10)).toThrow(expect.objectContaining({ code: 'malformed_model' }));
  });
});
