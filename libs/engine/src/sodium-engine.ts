import type { Engine, Group, GroupName } from '#credential';

import { sodiumGroup } from './sodium-group.js';
import type { Sodium } from './sodium.js';

/** ristretto255 and ed25519 on libsodium, which has no P-256. */
export function sodiumEngine(name: string, sodium: Sodium): Engine {
  const groups = new Map<GroupName, Group>([
    ['ristretto255', sodiumGroup(sodium, 'ristretto255')],
    ['ed25519', sodiumGroup(sodium, 'ed25519')],
  ]);
  return Object.freeze({ name, group: (group: GroupName) => groups.get(group) });
}
