import { GridCheck } from '../grid-check.js';
import { changeToGrid, l2Norm, maxNorm, normOfChange, toGrid } from '../grid.js';
import { decodeInt32LE, encodeInt32LE } from '../int32-bytes.js';
import { checkPayload } from './payload.js';
import type { DenseEncoding } from './encoding.js';

/** Four bytes a coordinate, rounded to the nearest: a grid so fine that rounding does not show. */
export function int32Encoding(dimension: number): DenseEncoding {
  const payloadLength = 4 * dimension;
  return {
    kind: 'dense',
    width: 4,
    payloadLength,
    maxNorm: (grid) => maxNorm(grid, dimension),
    norm: l2Norm,
    normOfChange,
    encode: (delta, grid) => encodeInt32LE(toGrid(delta, grid)),
    encodeChange: ({ after, before, isSpare = false }, grid) =>
      encodeInt32LE(changeToGrid(after, before, grid, isSpare ? memoryOf(before) : undefined)),
    check: (grid, measure) => new GridCheck(grid, dimension, measure),
    decode: (payload) => decodeInt32LE(checkPayload(payload, payloadLength)),
    widen: decodeInt32LE,
  };
}

const memoryOf = ({ buffer, byteOffset, length }: Float32Array): Int32Array =>
  new Int32Array(buffer, byteOffset, length);
