/** What the tests of refusals and proofs run over: a group, suite or mode joins them by being in these lists. */
import type { Group, GroupName } from '../group.js';
import { nobleEngine } from '../noble/noble-engine.js';
import { poprfSuite } from '../oprf/poprf-suite.js';
import type { CredentialSuite } from '../suite.js';
import { DEFAULT_SUITE, suiteOf } from '../suites.js';
import { seededRandom } from '../testing.js';
import { oprfScheme, voprfScheme } from './mode-schemes.js';
import type { Scheme } from './scheme.js';
import { suiteScheme } from './suite-scheme.js';

export const groupOf = (name: GroupName): Group => {
  const group = nobleEngine.group(name);
  if (group === undefined) throw new RangeError(`noble has no ${name}`);
  return group;
};

/** The groups that RFC 9497 has suites for. */
export const RFC9497_GROUPS: readonly Group[] = [groupOf('ristretto255'), groupOf('P-256')];

/** Suites, with the group that each is over. */
export const SUITES: readonly (readonly [CredentialSuite, Group])[] = [
  [suiteOf(DEFAULT_SUITE), groupOf('ristretto255')],
  [poprfSuite(groupOf('P-256')), groupOf('P-256')],
];

const random = seededRandom('schemes');

export const SCHEMES: readonly Scheme[] = [
  ...SUITES.map(([suite, group]) => suiteScheme(suite, group, random)),
  ...RFC9497_GROUPS.flatMap((group) => [oprfScheme(group, random), voprfScheme(group, random)]),
];
