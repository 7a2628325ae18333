import type { Engine, Group, GroupName } from '#credential';

import type { PublicSums } from './public-sums.js';
import { sodiumGroup } from './sodium-group.js';
import type { Sodium } from './sodium.js';

/** ristretto255 and ed25519 on libsodium, which has no P-256; public sums are our own. */
export function sodiumEngine(name: string, sodium: Sodium, sums: PublicSums): Engine {
  const groups = new Map<GroupName, Group>([
    ['ristretto255', sodiumGroup(sodium, 'ristretto255', sums)],
    ['ed25519', sodiumGroup(sodium, 'ed25519', sums)],
  ]);
  return Object.freeze({ name, group: (group: GroupName) => groups.get(group) });
}
