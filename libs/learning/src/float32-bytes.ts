import { IS_LITTLE_ENDIAN } from './endian.js';
import { LearningError } from './errors.js';

/** Writes numbers as little-endian bytes, four each. @param into  exactly as long */
export function writeFloat32LE(values: Float32Array, into: Uint8Array): void {
  if (IS_LITTLE_ENDIAN) return into.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const view = new DataView(into.buffer, into.byteOffset, into.length);
  values.forEach((value, j) => view.setFloat32(4 * j, value, true));
}

/**
 * Little-endian bytes as numbers; what is no number keeps its bits.
 * A view of the input where the machine is little-endian and the offset aligned, a copy otherwise.
 *
 * @throws LearningError `wrong_length` when the length is not a multiple of four
 */
export function decodeFloat32LE(bytes: Uint8Array): Float32Array {
  if (bytes.length % 4 !== 0) throw new LearningError('wrong_length', `${bytes.length} bytes are not whole float32s`);
  const count = bytes.length / 4;
  if (IS_LITTLE_ENDIAN) {
    if (bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, count);
    return new Float32Array(Uint8Array.from(bytes).buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: count }, (_, j) => view.getFloat32(4 * j, true));
}
