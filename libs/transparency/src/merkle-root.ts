/** SHA-256, passed in: this library has no I/O and no platform. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/**
 * Merkle tree hash of a list.
 *
 *   MTH({}) = SHA-256(""),  MTH({d}) = SHA-256(0x00 ‖ d)
 *   MTH(D)  = SHA-256(0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n])),  k the largest power of two below n
 *
 * @see RFC 9162, section 2.1.1
 */
export function merkleRoot(sha256: Sha256, leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return sha256(prefixed(0, leaves[0]!));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(prefixed(1, merkleRoot(sha256, leaves.slice(0, split)), merkleRoot(sha256, leaves.slice(split))));
}

function prefixed(prefix: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(1 + parts.reduce((length, part) => length + part.length, 0));
  bytes[0] = prefix;
  let at = 1;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
