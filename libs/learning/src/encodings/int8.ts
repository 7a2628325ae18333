import type { DenseEncoding } from './encoding.js';
import { narrowEncoding, type NarrowType } from './narrow.js';

const INT8: NarrowType = {
  name: 'int8',
  width: 1,
  largest: 2 ** 7 - 1,

  narrow: (q) => new Uint8Array(q),

  widen: (bytes, into) => {
    for (let j = 0; j < bytes.length; j++) into[j] = (bytes[j]! << 24) >> 24;
    return into.subarray(0, bytes.length);
  },
};

/** A byte a coordinate. */
export const int8Encoding = (dimension: number): DenseEncoding => narrowEncoding(INT8, dimension);
