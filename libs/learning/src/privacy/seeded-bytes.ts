import { blake3 } from '@noble/hashes/blake3.js';

import { LearningError } from '../errors.js';

/** Uniform bytes, `length` of them at each call. */
export type RandomSource = (length: number) => Uint8Array;

export const SEED_BYTES = 32;

/**
 * The stream of bytes that a seed has for a purpose: BLAKE3 in keyed mode, the purpose as its message, read as an
 * extendable output. Whoever stores the seed draws the same bytes again, on any machine; who does not know it
 * cannot tell them from random ones. Give no two draws the same seed and purpose.
 *
 * @param seed  32 secret bytes from the system's generator
 * @param purpose  a label and the numbers that tell one draw from another
 * @throws LearningError `wrong_length` for another seed
 */
export function seededBytes(seed: Uint8Array, purpose: string, ...numbers: readonly number[]): RandomSource {
  if (seed.length !== SEED_BYTES) {
    throw new LearningError('wrong_length', `a seed has ${SEED_BYTES} bytes, got ${seed.length}`);
  }
  // The label holds no slash, the numbers no letter: no two purposes run into each other.
  const message = [purpose, ...numbers].join('/');
  const stream = blake3.create({ key: seed }).update(Uint8Array.from(message, (c) => c.charCodeAt(0)));
  return (length) => stream.xof(length);
}
