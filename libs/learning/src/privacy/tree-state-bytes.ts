import { decodeVectors, encodeVectors, vectorsLength } from './noise-vectors.js';
import type { TreeState } from './tree-aggregation.js';

/** The sums of a tree, the lowest level first: how many there are the number of steps says. */
export function encodeTreeState({ steps, levels }: TreeState, dimension: number): Uint8Array {
  return encodeVectors(
    levelsOf(steps).map((level) => levels[level]!),
    dimension,
  );
}

/** @throws LearningError `wrong_length` */
export function decodeTreeState(bytes: Uint8Array, steps: number, dimension: number): TreeState {
  const held = levelsOf(steps);
  const levels: Float64Array[] = Array.from({ length: Math.max(-1, ...held) + 1 }, () => new Float64Array(0));
  decodeVectors(bytes, held.length, dimension).forEach((vector, i) => (levels[held[i]!] = vector));
  return { steps, levels };
}

/** 8 bytes a coordinate for each binary digit 1 of the number of steps. */
export const treeStateLength = (steps: number, dimension: number): number =>
  vectorsLength(levelsOf(steps).length, dimension);

/** Levels whose sums stand for the steps so far. */
const levelsOf = (steps: number): number[] =>
  Array.from({ length: 53 }, (_, level) => level).filter((level) => Math.floor(steps / 2 ** level) % 2 === 1);
