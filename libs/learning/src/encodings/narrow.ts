import { LearningError } from '../errors.js';
import { GridCheck, measureInt32LE } from '../grid-check.js';
import { l2Norm, maxCoordinate, normOfChange, type Grid } from '../grid.js';
import { encodeInt32LE } from '../int32-bytes.js';
import type { DenseEncoding } from './encoding.js';
import { checkPayload } from './payload.js';
import { changeToGridByLot, maxStochasticNorm, toGridByLot } from './stochastic-rounding.js';

/** A type of fewer bytes than four. */
export interface NarrowType {
  readonly name: string;
  /** bytes */
  readonly width: number;
  /** the largest |q| that is of use: the type's range but for its least number */
  readonly largest: number;
  readonly narrow: (q: Int32Array) => Uint8Array;
  readonly widen: DenseEncoding['widen'];
}

/** Every coordinate in few bytes, rounded by lot. */
export function narrowEncoding(type: NarrowType, dimension: number): DenseEncoding {
  const { width, widen } = type;
  const payloadLength = width * dimension;
  const maxNorm = (grid: Grid): number => {
    checkFits(type, grid);
    return maxStochasticNorm(grid, dimension);
  };
  const wide = (bytes: Uint8Array): Int32Array => widen(bytes, new Int32Array(bytes.length / width));
  return {
    kind: 'dense',
    width,
    payloadLength,
    maxNorm,
    norm: l2Norm,
    normOfChange,
    encode: (delta, grid, random) => {
      checkFits(type, grid);
      return type.narrow(toGridByLot(delta, grid, random));
    },
    encodeChange: ({ after, before }, grid, random) => {
      checkFits(type, grid);
      return type.narrow(changeToGridByLot(after, before, grid, random));
    },
    check: (grid, measure = measureInt32LE) =>
      new GridCheck(grid, dimension, (bytes) => measure(encodeInt32LE(wide(bytes))), { width, maxNorm: maxNorm(grid) }),
    decode: (payload) => wide(checkPayload(payload, payloadLength)),
    widen,
  };
}

/** Whether every number of the grid has its bytes. @throws LearningError `bad_grid` */
export function checkFits({ name, largest }: Pick<NarrowType, 'name' | 'largest'>, grid: Grid): void {
  const most = maxCoordinate(grid);
  if (most > largest)
    throw new LearningError('bad_grid', `the grid has numbers up to ${most}, ${name} up to ${largest}`);
}
