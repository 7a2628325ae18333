import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend, tensor, tidy, softmax, type Tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';

import { SIDE } from './digit-image.js';

/** A model that takes a digit of 28 × 28. */
export interface DigitModel {
  /** probabilities of the classes */
  readonly judge: (image: Float32Array) => readonly number[];
  readonly dispose: () => void;
}

/**
 * Loads a model as it is served for TensorFlow.js. On the plain backend: one small image is no work, and the page's policy
 * lets no WebAssembly in.
 *
 * @returns null where it takes something else than a digit
 */
export async function loadDigitModel(digest: string): Promise<DigitModel | null> {
  await setBackend('cpu');
  await ready();
  const model = await loadLayersModel(`/v1/models/${digest}/tfjs/model.json`);
  const shape = shapeOf(model);
  if (shape === null) {
    model.dispose();
    return null;
  }
  const judge = (image: Float32Array) =>
    tidy(() => {
      const output = model.predict(tensor(image, [1, ...shape])) as Tensor;
      const values = [...output.dataSync()];
      // Most of our models end in logits, others in a softmax of their own.
      const isSure = values.every((p) => p >= 0) && Math.abs(values.reduce((sum, p) => sum + p, 0) - 1) < 1e-3;
      return isSure ? values : [...softmax(output).dataSync()];
    });
  return { judge, dispose: () => model.dispose() };
}

/** 28 × 28 × 1 or 784; null for everything else. */
function shapeOf(model: LayersModel): number[] | null {
  const [input, ...more] = model.inputs;
  const shape = input?.shape.slice(1).map(Number) ?? [];
  const wanted = [[SIDE * SIDE], [SIDE, SIDE, 1]];
  return more.length === 0 && wanted.some((one) => one.join() === shape.join()) ? shape : null;
}
