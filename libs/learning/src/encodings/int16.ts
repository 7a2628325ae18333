import { IS_LITTLE_ENDIAN } from '../endian.js';
import type { DenseEncoding } from './encoding.js';
import { narrowEncoding, type NarrowType } from './narrow.js';

export const INT16: NarrowType = {
  name: 'int16',
  width: 2,
  largest: 2 ** 15 - 1,

  narrow: (q) => {
    if (IS_LITTLE_ENDIAN) return new Uint8Array(new Int16Array(q).buffer);
    const bytes = new Uint8Array(2 * q.length);
    for (let j = 0; j < q.length; j++) {
      bytes[2 * j] = q[j]!;
      bytes[2 * j + 1] = q[j]! >> 8;
    }
    return bytes;
  },

  widen: (bytes, into) => {
    const count = bytes.length / 2;
    if (IS_LITTLE_ENDIAN) into.set(integersOf(bytes));
    else for (let j = 0; j < count; j++) into[j] = bytes[2 * j]! | ((bytes[2 * j + 1]! << 24) >> 16);
    return into.subarray(0, count);
  },
};

/** What comes from a socket starts anywhere. */
const integersOf = (bytes: Uint8Array): Int16Array =>
  bytes.byteOffset % 2 === 0
    ? new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
    : new Int16Array(Uint8Array.from(bytes).buffer);

/** Two bytes a coordinate, little-endian. */
export const int16Encoding = (dimension: number): DenseEncoding => narrowEncoding(INT16, dimension);
