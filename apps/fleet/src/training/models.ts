import { layoutLength, shapeLength, type Layout } from '#learning';
import type { Topology } from '#tensorflow';

import { CLASSES, PIXELS, Random } from '../data/index.js';

export type ModelName = 'mlp' | 'cnn';

/** A model to train: its description, and the order of its parameters. It gives a logit a class. */
export interface ModelDefinition {
  readonly topology: Topology;
  readonly layout: Layout;
}

/** 784 – 64 – 10: 50,890 parameters. */
const MLP = perceptron('mlp', PIXELS, [64], CLASSES);

/**
 * Two convolutions of stride 2, ReLU, then logits: 9,946 parameters.
 * Strides instead of max pooling, whose gradient the wasm backend gets wrong below zero.
 */
const CNN: ModelDefinition = {
  topology: sequential('cnn', [
    convolution('edges', 8, { kernel_size: [5, 5], batch_input_shape: [null, 28, 28, 1] }),
    convolution('strokes', 16, { kernel_size: [3, 3] }),
    { class_name: 'Flatten', config: { name: 'flatten' } },
    dense('logits', CLASSES),
  ]),
  layout: [
    { name: 'edges/kernel', shape: [5, 5, 1, 8] },
    { name: 'edges/bias', shape: [8] },
    { name: 'strokes/kernel', shape: [3, 3, 8, 16] },
    { name: 'strokes/bias', shape: [16] },
    { name: 'logits/kernel', shape: [7 * 7 * 16, CLASSES] },
    { name: 'logits/bias', shape: [CLASSES] },
  ],
};

export const MODELS: Readonly<Record<ModelName, ModelDefinition>> = { mlp: MLP, cnn: CNN };

/**
 * The parameters a task starts from: Glorot uniform kernels, zero biases. They depend on the model and
 * the seed alone.
 *
 * @returns float32, layout order
 * @see Glorot and Bengio 2010: U(−a, a) with a = √(6 / (fan in + fan out))
 */
export function initialParameters(name: ModelName, seed: number): Float32Array {
  return glorotUniform(MODELS[name].layout, seed, name);
}

/** @param purpose  one for each model, so that no two start alike */
export function glorotUniform(layout: Layout, seed: number, purpose: string): Float32Array {
  const random = new Random(seed, 'initial-parameters', purpose);
  const flat = new Float32Array(layoutLength(layout));
  let offset = 0;
  for (const { shape } of layout) {
    const length = shapeLength(shape);
    const limit = glorotLimit(shape);
    if (limit > 0) for (let j = 0; j < length; j++) flat[offset + j] = (2 * random.uniform() - 1) * limit;
    offset += length;
  }
  return flat;
}

/** 0 for a bias; for a kernel [..., in, out] the fans count the receptive field. */
function glorotLimit(shape: readonly number[]): number {
  if (shape.length < 2) return 0;
  const field = shapeLength(shape.slice(0, -2));
  return Math.sqrt(6 / (field * (shape.at(-2)! + shape.at(-1)!)));
}

/**
 * Dense layers with ReLU between them, logits in the end. Without a hidden layer it is softmax regression.
 *
 * @param hidden  widths of the layers between, at most one
 */
export function perceptron(name: string, inputs: number, hidden: readonly [number?], classes: number): ModelDefinition {
  const widths = [inputs, ...hidden.map(Number), classes];
  const names = [...hidden.map(() => 'hidden'), 'logits'];
  const layers = names.map((layer, i) => {
    const first = i === 0 ? { batch_input_shape: [null, inputs] } : {};
    return dense(layer, widths[i + 1]!, { ...(layer === 'hidden' ? { activation: 'relu' } : {}), ...first });
  });
  const layout = names.flatMap((layer, i) => [
    { name: `${layer}/kernel`, shape: [widths[i]!, widths[i + 1]!] },
    { name: `${layer}/bias`, shape: [widths[i + 1]!] },
  ]);
  return { topology: sequential(name, layers), layout };
}

interface LayerConfig {
  readonly class_name: string;
  readonly config: Record<string, unknown>;
}

function sequential(name: string, layers: LayerConfig[]): Topology {
  return { class_name: 'Sequential', config: { name, layers } };
}

function dense(name: string, units: number, more: Record<string, unknown> = {}): LayerConfig {
  return { class_name: 'Dense', config: { name, units, activation: 'linear', use_bias: true, ...more } };
}

function convolution(name: string, filters: number, more: Record<string, unknown>): LayerConfig {
  const config = { name, filters, strides: [2, 2], padding: 'same', activation: 'relu', use_bias: true, ...more };
  return { class_name: 'Conv2D', config };
}
