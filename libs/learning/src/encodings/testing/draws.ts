import { expect } from '@jest/globals';

import { seededBytes, type EncodingChoice, type RandomSource } from '../../index.js';

/** Bytes that look random, the same ones in each file of tests. */
export const random = seededBytes(new Uint8Array(32).fill(7), 'rounding');

export const zeros: RandomSource = (length) => new Uint8Array(length);

/** A seeded stream of numbers in [-1, 1): Lehmer's generator. */
export function numbers(seed: number): () => number {
  let state = seed + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 1_073_741_823.5 - 1;
}

/** Encodings that round by lot, each with the largest number that it holds. */
export const NARROW: readonly (readonly [EncodingChoice, number])[] = [
  ['int16', 2 ** 15 - 1],
  ['int8', 2 ** 7 - 1],
  [{ topK: 5 }, 2 ** 15 - 1],
];

export const refused = (code: string): unknown => expect.objectContaining({ code });
