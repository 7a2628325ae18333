import type { DenseEncoding } from './encoding.js';
import { narrowEncoding, type NarrowType } from './narrow.js';

export const INT16: NarrowType = {
  name: 'int16',
  width: 2,
  largest: 2 ** 15 - 1,

  narrow: (q) => {
    const bytes = new Uint8Array(2 * q.length);
    for (let j = 0; j < q.length; j++) {
      bytes[2 * j] = q[j]!;
      bytes[2 * j + 1] = q[j]! >> 8;
    }
    return bytes;
  },

  widen: (bytes, into) => {
    const count = bytes.length / 2;
    for (let j = 0; j < count; j++) into[j] = bytes[2 * j]! | ((bytes[2 * j + 1]! << 24) >> 16);
    return into.subarray(0, count);
  },
};

/** Two bytes a coordinate, little-endian. */
export const int16Encoding = (dimension: number): DenseEncoding => narrowEncoding(INT16, dimension);
