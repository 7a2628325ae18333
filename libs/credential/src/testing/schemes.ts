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

/** A suite and the group that it is over. */
export interface SuiteUnderTest {
  readonly id: string;
  readonly suite: CredentialSuite;
  readonly group: Group;
}

const over = (suite: CredentialSuite, group: Group): SuiteUnderTest => ({ id: suite.id, suite, group });

export const SUITES: readonly SuiteUnderTest[] = [
  over(suiteOf(DEFAULT_SUITE), groupOf('ristretto255')),
  over(poprfSuite(groupOf('P-256')), groupOf('P-256')),
];

/** Of either blinding one, since the rest is alike. `naor-reingold` has tests of its own: a key takes a second to make. */
export const ACS_SUITES: readonly SuiteUnderTest[] = (['ristretto255', 'ed25519'] as const).flatMap((name) =>
  ['exp-sdhi', 'mul-hmac'].map((rest) => over(suiteOf(`acs-${name}-${rest}`), groupOf(name))),
);

/** All groups that a suite is over. */
export const GROUPS: readonly Group[] = [...RFC9497_GROUPS, groupOf('ed25519')];

const random = seededRandom('schemes');

export const SCHEMES: readonly Scheme[] = [
  ...SUITES.map(({ suite, group }) => suiteScheme(suite, group, random)),
  ...ACS_SUITES.map(({ suite, group }) => acsScheme(suite, group, random)),
  ...RFC9497_GROUPS.flatMap((group) => [oprfScheme(group, random), voprfScheme(group, random)]),
];
