/** The C library's names beside ours, and its recorded values as bytes. */
import { hexToBytes } from '@noble/curves/utils.js';

import type { Kdf } from '../acs/kdf.js';
import { kdfOf, type KdfName } from '../acs/kdfs.js';
import type { Group, GroupName } from '../group.js';
import type { RandomBytes } from '../suite.js';
import type { Curve, PrimaryKey } from './form.js';

export const GROUP_NAMES = { ristretto: 'ristretto255', ed25519: 'ed25519' } as const satisfies Record<
  Curve,
  GroupName
>;

export const KDF_NAMES = {
  default: 'hmac',
  sdhi: 'sdhi',
  naor_reingold: 'naor-reingold',
} as const satisfies Record<PrimaryKey['kdf'], KdfName>;

/** One of each, since they remember what they decoded of a key. */
const kdfs = new WeakMap<Group, Map<KdfName, Kdf>>();

export function kdfFor(group: Group, name: PrimaryKey['kdf']): Kdf {
  const ofGroup = kdfs.get(group) ?? new Map<KdfName, Kdf>();
  const kdf = ofGroup.get(KDF_NAMES[name]) ?? kdfOf(KDF_NAMES[name], group);
  kdfs.set(group, ofGroup.set(KDF_NAMES[name], kdf));
  return kdf;
}

const primaryPublicKeys = new Map<string, Uint8Array>();

/** The same array each time, for the same reason. */
export function primaryPublicKeyOf(hex: string): Uint8Array {
  const bytes = primaryPublicKeys.get(hex) ?? hexToBytes(hex);
  primaryPublicKeys.set(hex, bytes);
  return bytes;
}

export const bytesOf = (list: readonly string[]): Uint8Array[] => list.map((hex) => hexToBytes(hex));

/** Randomness that was recorded, scalar by scalar; `left` counts what was not drawn. */
export function recorded(scalars: readonly string[]): { random: RandomBytes; left: () => number } {
  const queue = bytesOf(scalars);
  const random: RandomBytes = () => {
    const next = queue.shift();
    if (next === undefined) throw new RangeError('more randomness drawn than was recorded');
    return next;
  };
  return { random, left: () => queue.length };
}
