import { concatBytes } from '@noble/curves/utils.js';

import type { Group } from '../group.js';

/** `length` uniform bytes for a message. */
export type ExpandMessage = (message: Uint8Array, length: number) => Uint8Array;

/**
 * RFC 9380 §5.3.1 expand_message_xmd with the group's own hash, so that an engine's fast one is used.
 *
 * One redemption in twenty would be spent in it if it put its parts together with `concatBytes`.
 *
 * @param dst  domain separation tag, at most 255 bytes
 * @returns a function that gives at most 255 times as many bytes as the hash; more, or a longer tag, is a mistake in
 *   the code and a RangeError
 */
export function expandMessageXmd(
  { hash, hashLength, hashBlockLength }: Pick<Group, 'hash' | 'hashLength' | 'hashBlockLength'>,
  dst: Uint8Array,
): ExpandMessage {
  if (dst.length > 255) throw new RangeError(`domain separation tag of ${dst.length} bytes`);
  const dstPrime = concatBytes(dst, Uint8Array.of(dst.length));
  return (message, length) => {
    const count = Math.ceil(length / hashLength);
    if (count > 255) throw new RangeError(`${length} bytes from a hash of ${hashLength}`);
    const padded = new Uint8Array(hashBlockLength + message.length + 3 + dstPrime.length);
    padded.set(message, hashBlockLength);
    padded[hashBlockLength + message.length] = length >> 8;
    padded[hashBlockLength + message.length + 1] = length & 0xff;
    padded.set(dstPrime, hashBlockLength + message.length + 3);
    const first = hash(padded);

    const next = new Uint8Array(hashLength + 1 + dstPrime.length);
    next.set(first);
    next.set(dstPrime, hashLength + 1);
    const uniform = new Uint8Array(count * hashLength);
    for (let i = 1; i <= count; i++) {
      next[hashLength] = i;
      const block = hash(next);
      uniform.set(block, (i - 1) * hashLength);
      for (let j = 0; j < hashLength; j++) next[j] = first[j]! ^ block[j]!;
    }
    return count * hashLength === length ? uniform : uniform.subarray(0, length);
  };
}
