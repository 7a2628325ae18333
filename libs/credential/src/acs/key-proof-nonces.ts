import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { asciiToBytes, concatBytes, numberToBytesBE } from '@noble/curves/utils.js';

import type { GroupName } from '../group.js';
import { lengthPrefixed } from '../length-prefix.js';
import type { RandomBytes } from '../suite.js';
import type { KdfName } from './kdfs.js';

const LABEL = asciiToBytes('starling acs key proof v1');

/**
 * The nonces of a derived key's proof, made of the key and of all that the proof is about instead of a generator:
 * no broken generator can give the key away, all issuers send the same proof, and no proof can carry a tag.
 *
 *   block = HMAC-SHA-512(primary key, label ‖ LP(group) ‖ LP(kdf) ‖ LP(attributes) ‖ u32(counter))
 *
 * The group is in it since one scalar may be a key on two curves: one nonce for both would give it away.
 */
export function keyProofNonces(
  primaryKey: Uint8Array,
  { group, kdf, attributes }: { group: GroupName; kdf: KdfName; attributes: Uint8Array },
): RandomBytes {
  const names = [group, kdf].map((name) => lengthPrefixed(asciiToBytes(name)));
  const context = concatBytes(LABEL, ...names, lengthPrefixed(attributes));
  let counter = 0;
  return (length) => hmac(sha512, primaryKey, concatBytes(context, numberToBytesBE(counter++, 4))).slice(0, length);
}
