import { denseClassifier, smallCnn, type Layout, type Topology } from '#learning';

/** A model that is described and not uploaded. */
export interface DescribedModel {
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
export function architectureOf({ model, inputs, classes, hidden, bare }: Wish): DescribedModel {
  if (model === 'bare') return { topology: null, layout: bareLayout(bare) };
  const shape = sizesOf(inputs, 'The input');
  const [count = 0] = sizesOf(classes, 'The number of classes');
  if (count < 2) throw new Error('A classifier has at least 2 classes.');
  if (model === 'softmax') return denseClassifier(shape, [], count);
  if (model === 'mlp') return denseClassifier(shape, sizesOf(hidden, 'The hidden layers'), count);
  if (shape.length < 2 || shape.length > 3) throw new Error('A CNN wants images: height × width × channels.');
  return smallCnn(shape, count);
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
