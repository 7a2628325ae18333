import { LearningError } from './errors.js';
import { shapeLength, type Layout } from './layout.js';
import type { Topology } from './layers-format.js';

/** A classifier that is described and not uploaded. The last layer gives logits: the loss has the softmax. */
export interface Architecture {
  /** for TensorFlow.js */
  readonly topology: Topology;
  readonly layout: Layout;
}

interface Layer {
  readonly class_name: string;
  readonly config: Record<string, unknown>;
}

const sequential = (name: string, layers: readonly Layer[]): Topology => ({
  class_name: 'Sequential',
  config: { name, layers },
});

const denseLayer = (name: string, units: number, activation: 'relu' | 'linear'): Layer => ({
  class_name: 'Dense',
  config: { name, units, activation, use_bias: true },
});

const withInput = ({ class_name, config }: Layer, shape: readonly number[]): Layer => ({
  class_name,
  config: { ...config, batch_input_shape: [null, ...shape] },
});

const weights = (name: string, kernel: readonly number[]): Layout => [
  { name: `${name}/kernel`, shape: kernel },
  { name: `${name}/bias`, shape: [kernel.at(-1)!] },
];

/**
 * Layers that each see all of the one before, with ReLU between them; softmax regression without hidden ones.
 *
 * @param shape  of one example
 */
export function denseClassifier(shape: readonly number[], hidden: readonly number[], classes: number): Architecture {
  const widths = [shapeLength(shape), ...hidden, classes];
  const names = [...hidden.map((_, i) => `hidden${i + 1}`), 'logits'];
  const layers = names.map((name, i) => denseLayer(name, widths[i + 1]!, name === 'logits' ? 'linear' : 'relu'));
  const flat = shape.length > 1 ? [{ class_name: 'Flatten', config: { name: 'flatten' } }] : [];
  const [first, ...others] = [...flat, ...layers];
  return {
    topology: sequential(hidden.length === 0 ? 'softmax' : 'mlp', [withInput(first!, shape), ...others]),
    layout: names.flatMap((name, i) => weights(name, [widths[i]!, widths[i + 1]!])),
  };
}

const convolution = (name: string, filters: number, size: number): Layer => ({
  class_name: 'Conv2D',
  config: { name, filters, kernel_size: [size, size], strides: [2, 2], padding: 'same', activation: 'relu' },
});

/**
 * Two convolutions with stride 2, so that the last layer stays small, and a dense layer.
 *
 * @param shape  height × width, or height × width × channels
 * @throws LearningError `malformed_model` for what is no image
 */
export function smallCnn(shape: readonly number[], classes: number): Architecture {
  const [height = 0, width = 0, channels = 1] = shape;
  if (shape.length < 2 || shape.length > 3)
    throw new LearningError('malformed_model', 'a CNN wants images: height × width × channels');
  const quarter = (size: number): number => Math.ceil(Math.ceil(size / 2) / 2);
  const layers = [
    withInput(convolution('edges', 8, 5), [height, width, channels]),
    convolution('strokes', 16, 3),
    { class_name: 'Flatten', config: { name: 'flatten' } },
    denseLayer('logits', classes, 'linear'),
  ];
  return {
    topology: sequential('cnn', layers),
    layout: [
      ...weights('edges', [5, 5, channels, 8]),
      ...weights('strokes', [3, 3, 8, 16]),
      ...weights('logits', [quarter(height) * quarter(width) * 16, classes]),
    ],
  };
}
