import { LearningError } from '../errors.js';
import { encodeInt64LE, getInt64LE } from '../int64-bytes.js';

/** Vectors of whole numbers one after the other, int64 each, little-endian. */
export function encodeVectors(vectors: readonly Float64Array[], dimension: number): Uint8Array {
  const bytes = new Uint8Array(vectorsLength(vectors.length, dimension));
  vectors.forEach((vector, i) => encodeInt64LE(vector, bytes.subarray(8 * dimension * i, 8 * dimension * (i + 1))));
  return bytes;
}

/** @throws LearningError `wrong_length` */
export function decodeVectors(bytes: Uint8Array, count: number, dimension: number): Float64Array[] {
  if (bytes.length !== vectorsLength(count, dimension)) {
    throw new LearningError('wrong_length', `${count} vectors of ${dimension} in ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (i: number, j: number): number => getInt64LE(view, 8 * (dimension * i + j));
  return Array.from({ length: count }, (_, i) => Float64Array.from({ length: dimension }, (_, j) => at(i, j)));
}

export const vectorsLength = (count: number, dimension: number): number => 8 * dimension * count;
