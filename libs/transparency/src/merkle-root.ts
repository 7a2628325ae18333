import { Frontier } from './frontier.js';
import { leafHash, type Sha256 } from './tree-hash.js';

/**
 * Merkle tree hash of a list.
 *
 *   MTH({}) = SHA-256(""),  MTH({d}) = SHA-256(0x00 ‖ d)
 *   MTH(D)  = SHA-256(0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n])),  k the largest power of two below n
 *
 * @see RFC 9162, section 2.1.1
 */
export function merkleRoot(sha256: Sha256, leaves: readonly Uint8Array[]): Uint8Array {
  const frontier = new Frontier(sha256);
  for (const leaf of leaves) frontier.append(leafHash(sha256, leaf));
  return frontier.root();
}
