import { LearningError } from './errors.js';

const PLATFORM_IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Writes numbers as little-endian bytes, four each. @param into  exactly as long */
export function writeFloat32LE(values: Float32Array, into: Uint8Array): void {
  if (PLATFORM_IS_LITTLE_ENDIAN) return into.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const view = new DataView(into.buffer, into.byteOffset, into.length);
  values.forEach((value, j) => view.setFloat32(4 * j, value, true));
}

/**
 * Little-endian bytes as numbers: a copy, whatever the machine. Bytes that are no number keep their bits.
 *
 * @throws LearningError `wrong_length` when the length is not a multiple of four
 */
export function readFloat32LE(bytes: Uint8Array): Float32Array {
  if (bytes.length % 4 !== 0) throw new LearningError('wrong_length', `${bytes.length} bytes are not whole float32s`);
  const values = new Float32Array(bytes.length / 4);
  if (PLATFORM_IS_LITTLE_ENDIAN) {
    new Uint8Array(values.buffer).set(bytes);
    return values;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let j = 0; j < values.length; j++) values[j] = view.getFloat32(4 * j, true);
  return values;
}
