import { concatBytes, numberToBytesBE } from '@noble/curves/utils.js';

import type { Group } from '../group.js';

/** `length` uniform bytes for a message. */
export type ExpandMessage = (message: Uint8Array, length: number) => Uint8Array;

/**
 * RFC 9380 §5.3.1 expand_message_xmd with the group's own hash, so that an engine's fast one is used.
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
  const dstPrime = concatBytes(dst, numberToBytesBE(dst.length, 1));
  const zeroPad = new Uint8Array(hashBlockLength);
  return (message, length) => {
    const count = Math.ceil(length / hashLength);
    if (count > 255) throw new RangeError(`${length} bytes from a hash of ${hashLength}`);
    const first = hash(concatBytes(zeroPad, message, numberToBytesBE(length, 2), Uint8Array.of(0), dstPrime));
    const uniform = new Uint8Array(count * hashLength);
    let block = new Uint8Array(hashLength);
    for (let i = 1; i <= count; i++) {
      block = Uint8Array.from(hash(concatBytes(xor(first, block), Uint8Array.of(i), dstPrime)));
      uniform.set(block, (i - 1) * hashLength);
    }
    return uniform.subarray(0, length);
  };
}

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ b[i]!);
