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
  // What is hashed, kept from call to call: messages mostly have one length, and arrays cost more than hashing them.
  let padded = new Uint8Array(0);
  const next = new Uint8Array(hashLength + 1 + dstPrime.length);
  next.set(dstPrime, hashLength + 1);

  return (message, length) => {
    const count = Math.max(1, Math.ceil(length / hashLength));
    if (count > 255) throw new RangeError(`${length} bytes from a hash of ${hashLength}`);
    const end = hashBlockLength + message.length;
    if (padded.length !== end + 3 + dstPrime.length) {
      padded = new Uint8Array(end + 3 + dstPrime.length);
      padded.set(dstPrime, end + 3);
    }
    padded.set(message, hashBlockLength);
    padded[end] = length >> 8;
    padded[end + 1] = length & 0xff;
    const first = hash(padded);

    next.set(first);
    next[hashLength] = 1;
    let block = hash(next);
    if (length === hashLength) return block;
    const uniform = new Uint8Array(count * hashLength);
    uniform.set(block);
    for (let i = 2; i <= count; i++) {
      for (let j = 0; j < hashLength; j++) next[j] = first[j]! ^ block[j]!;
      next[hashLength] = i;
      block = hash(next);
      uniform.set(block, (i - 1) * hashLength);
    }
    return uniform.subarray(0, length);
  };
}
