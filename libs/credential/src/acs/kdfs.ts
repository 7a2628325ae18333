import type { Group } from '../group.js';
import { hmacKdf } from './kdf-hmac.js';
import { naorReingoldKdf } from './kdf-naor-reingold.js';
import { sdhiKdf } from './kdf-sdhi.js';
import type { Kdf } from './kdf.js';

const KDFS = {
  hmac: hmacKdf,
  sdhi: sdhiKdf,
  'naor-reingold': naorReingoldKdf,
} as const satisfies Record<string, <E, S>(group: Group<E, S>) => Kdf>;

export type KdfName = keyof typeof KDFS;
export const KDF_NAMES = Object.keys(KDFS) as readonly KdfName[];

export const kdfOf = <E, S>(name: KdfName, group: Group<E, S>): Kdf => KDFS[name](group);
