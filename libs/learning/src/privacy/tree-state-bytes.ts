import { LearningError } from '../errors.js';
import { encodeInt64LE, getInt64LE } from '../int64-bytes.js';
import type { TreeState } from './tree-aggregation.js';

/** The sums of a tree, the lowest level first, as int64 each: how many there are the number of steps says. */
export function encodeTreeState({ steps, levels }: TreeState, dimension: number): Uint8Array {
  const bytes = new Uint8Array(treeStateLength(steps, dimension));
  levelsOf(steps).forEach((level, i) => {
    encodeInt64LE(levels[level]!, bytes.subarray(8 * dimension * i, 8 * dimension * (i + 1)));
  });
  return bytes;
}

/** @throws LearningError `wrong_length` */
export function decodeTreeState(bytes: Uint8Array, steps: number, dimension: number): TreeState {
  if (bytes.length !== treeStateLength(steps, dimension)) {
    throw new LearningError('wrong_length', `a tree of ${steps} steps in ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const held = levelsOf(steps);
  const levels = Array.from({ length: Math.max(-1, ...held) + 1 }, () => new Float64Array(0));
  held.forEach((level, i) => {
    levels[level] = Float64Array.from({ length: dimension }, (_, j) => getInt64LE(view, 8 * (dimension * i + j)));
  });
  return { steps, levels };
}

/** 8 bytes a coordinate for each binary digit 1 of the number of steps. */
export const treeStateLength = (steps: number, dimension: number): number => 8 * dimension * levelsOf(steps).length;

/** Levels whose sums stand for the steps so far. */
const levelsOf = (steps: number): number[] =>
  Array.from({ length: 53 }, (_, level) => level).filter((level) => Math.floor(steps / 2 ** level) % 2 === 1);
