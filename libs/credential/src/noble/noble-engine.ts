import type { Engine, Group, GroupName } from '../group.js';
import { nobleEd25519 } from './ed25519.js';
import { nobleP256 } from './p256.js';
import { nobleRistretto255 } from './ristretto255.js';

const GROUPS: ReadonlyMap<GroupName, Group> = new Map(
  [nobleRistretto255, nobleEd25519, nobleP256].map((group): [GroupName, Group] => [group.name, group]),
);

/** Runs everywhere, devices included; variable time (see `nobleGroup`). */
export const nobleEngine: Engine = Object.freeze({
  name: 'noble',
  group: (name: GroupName) => GROUPS.get(name),
});
