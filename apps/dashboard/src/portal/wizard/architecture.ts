import type { Layout, Topology } from '#learning';

/** A model that is described and not uploaded. */
export interface Architecture {
  /** for TensorFlow.js; none where the layout is bare */
  readonly topology: Topology | null;
  readonly layout: Layout;
}

interface Wish {
  readonly model: 'softmax' | 'mlp' | 'cnn' | 'bare';
  readonly inputs: string;
  readonly classes: string;
  readonly hidden: string;
  readonly bare: string;
}

/** @throws Error with a sentence for people */
export function architectureOf({ model, inputs, classes, hidden, bare }: Wish): Architecture {
  if (model === 'bare') return { topology: null, layout: bareLayout(bare) };
  const shape = sizesOf(inputs, 'The input');
  const [count = 0] = sizesOf(classes, 'The number of classes');
  if (count < 2) throw new Error('A classifier has at least 2 classes.');
  if (model === 'cnn') return convolutional(shape, count);
  const widths = model === 'mlp' ? sizesOf(hidden, 'The hidden layers') : [];
  return dense(shape, widths, count);
}

/** `28 × 28 × 1`, `28,28,1` or `784`. */
function sizesOf(text: string, what: string): number[] {
  const sizes = text
    .split(/[\s×x,*]+/)
    .filter((part) => part !== '')
    .map(Number);
  if (sizes.length === 0 || sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
    throw new Error(`${what} needs whole numbers, as 28 × 28 × 1.`);
  return sizes;
}

/** A line a tensor: its name, then its sizes. */
function bareLayout(text: string): Layout {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new Error('A layout has at least one line: a name and its sizes.');
  return lines.map((line) => {
    const [name = '', ...rest] = line.trim().split(/\s+/);
    return { name, shape: rest.length === 0 ? [] : sizesOf(rest.join(' '), `The tensor ${name}`) };
  });
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

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

/** Softmax regression is this without hidden layers. The last layer gives logits: the loss has the softmax. */
function dense(shape: readonly number[], hidden: readonly number[], classes: number): Architecture {
  const widths = [product(shape), ...hidden, classes];
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

/** Two convolutions with stride 2, so that the last layer stays small. */
function convolutional(shape: readonly number[], classes: number): Architecture {
  const [height = 0, width = 0, channels = 1] = shape;
  if (shape.length < 2 || shape.length > 3) throw new Error('A CNN wants images: height × width × channels.');
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
