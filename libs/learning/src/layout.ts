import { LearningError } from './errors.js';

/** Name and shape of a model's tensors, in the order their numbers follow each other in an update. */
export type Layout = readonly { readonly name: string; readonly shape: readonly number[] }[];

/** A float32 tensor in row-major order; `data.length` is the product of `shape`. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Number of elements of one tensor; 1 for a scalar's empty shape. */
export const shapeLength = (shape: readonly number[]): number => shape.reduce((length, size) => length * size, 1);

/** Number of parameters d of a model. */
export const layoutLength = (layout: Layout): number =>
  layout.reduce((length, { shape }) => length + shapeLength(shape), 0);

/** The layout of some tensors. */
export const layoutOfTensors = (tensors: readonly NamedTensor[]): Layout =>
  tensors.map(({ name, shape }) => ({ name, shape: [...shape] }));

/**
 * All tensors' numbers in one array, in the order given.
 *
 * @throws LearningError `dimension_mismatch` when a tensor's data is not as long as its shape says
 */
export function flatten(tensors: readonly NamedTensor[]): Float32Array {
  const flat = new Float32Array(layoutLength(tensors));
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    if (data.length !== shapeLength(shape)) {
      throw new LearningError('dimension_mismatch', `${name}: shape [${shape.join()}], ${data.length} numbers`);
    }
    flat.set(data, offset);
    offset += data.length;
  }
  return flat;
}

/**
 * The tensors a flat array holds; each a copy.
 *
 * @throws LearningError `dimension_mismatch` when `flat` is not layoutLength(layout) long
 */
export function unflatten(flat: Float32Array, layout: Layout): NamedTensor[] {
  if (flat.length !== layoutLength(layout)) {
    throw new LearningError('dimension_mismatch', `the layout holds ${layoutLength(layout)}, got ${flat.length}`);
  }
  let offset = 0;
  return layout.map(({ name, shape }) => {
    const data = flat.slice(offset, offset + shapeLength(shape));
    offset += data.length;
    return { name, shape: [...shape], data };
  });
}
