import { IS_LITTLE_ENDIAN } from './endian.js';
import { LearningError } from './errors.js';

/**
 * Integers as little-endian bytes, four each.
 * On a little-endian machine the result is a view of the input, not a copy.
 */
export function encodeInt32LE(values: Int32Array): Uint8Array {
  if (IS_LITTLE_ENDIAN) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  values.forEach((value, j) => view.setInt32(4 * j, value, true));
  return bytes;
}

/**
 * Little-endian bytes as integers.
 * A view of the input where the machine is little-endian and the offset aligned, a copy otherwise.
 *
 * @throws LearningError `wrong_length` when the length is not a multiple of four
 */
export function decodeInt32LE(bytes: Uint8Array): Int32Array {
  if (bytes.length % 4 !== 0) throw new LearningError('wrong_length', `${bytes.length} bytes are not whole int32s`);
  const count = bytes.length / 4;
  if (IS_LITTLE_ENDIAN) {
    if (bytes.byteOffset % 4 === 0) return new Int32Array(bytes.buffer, bytes.byteOffset, count);
    // What comes from a socket starts anywhere; one copy is a tenth of reading number by number.
    const integers = new Int32Array(count);
    new Uint8Array(integers.buffer).set(bytes);
    return integers;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Int32Array.from({ length: count }, (_, j) => view.getInt32(4 * j, true));
}
