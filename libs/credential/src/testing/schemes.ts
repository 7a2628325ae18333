/** What the tests of refusals and proofs run over: a group, suite or mode joins them by being in these lists. */
import type { Group, GroupName } from '../group.js';
import { nobleEngine } from '../noble/noble-engine.js';
import { poprfSuite } from '../oprf/poprf-suite.js';
import type { CredentialSuite } from '../suite.js';
import { DEFAULT_SUITE, suiteOf } from '../suites.js';
import { seededRandom } from '../testing.js';
import { acsScheme } from './acs-scheme.js';
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

/** A suite, with the group that it is over. */
interface SuiteOverGroup {
  readonly id: string;
  readonly suite: CredentialSuite;
  readonly group: Group;
}

export const SUITES: readonly SuiteOverGroup[] = [
  { suite: suiteOf(DEFAULT_SUITE), group: groupOf('ristretto255') },
  { suite: poprfSuite(groupOf('P-256')), group: groupOf('P-256') },
].map(({ suite, group }) => ({ id: suite.id, suite, group }));

/** Of either blinding one, since the rest is alike. `naor-reingold` has tests of its own: a key takes a second to make. */
export const ACS_SUITES: readonly SuiteOverGroup[] = (['ristretto255', 'ed25519'] as const).flatMap((name) =>
  [`acs-${name}-exp-sdhi`, `acs-${name}-mul-hmac`].map((id) => ({ id, suite: suiteOf(id), group: groupOf(name) })),
);

/** All groups that a suite is over. */
export const GROUPS: readonly Group[] = [...RFC9497_GROUPS, groupOf('ed25519')];

const random = seededRandom('schemes');

export const SCHEMES: readonly Scheme[] = [
  ...SUITES.map(({ suite, group }) => suiteScheme(suite, group, random)),
  ...ACS_SUITES.map(({ suite, group }) => acsScheme(suite, group, random)),
  ...RFC9497_GROUPS.flatMap((group) => [oprfScheme(group, random), voprfScheme(group, random)]),
];
