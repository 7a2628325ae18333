import { acsSuite, acsSuiteId } from './acs/acs-suite.js';
import { BLINDING_NAMES } from './acs/blinding.js';
import { KDF_NAMES } from './acs/kdfs.js';
import { CredentialError } from './errors.js';
import type { Engine, Group, GroupName } from './group.js';
import { nobleEngine } from './noble/noble-engine.js';
import { poprfSuite } from './oprf/poprf-suite.js';
import type { CredentialSuite } from './suite.js';

/** The suite of a use case whose manifest names no other. */
export const DEFAULT_SUITE = 'poprf-ristretto255-sha512';

interface SuiteEntry {
  readonly id: string;
  readonly group: GroupName;
  make(group: Group): CredentialSuite;
}

const ACS_GROUPS = ['ristretto255', 'ed25519'] as const;

const ACS: readonly SuiteEntry[] = ACS_GROUPS.flatMap((group) =>
  BLINDING_NAMES.flatMap((blinding) =>
    KDF_NAMES.map((kdf) => ({
      id: acsSuiteId(group, blinding, kdf),
      group,
      make: (over: Group) => acsSuite(over, blinding, kdf),
    })),
  ),
);

/** POPRF over P-256 is not among them: its outputs have 32 bytes, and token keys are made of 64. */
const ENTRIES: readonly SuiteEntry[] = [{ id: DEFAULT_SUITE, group: 'ristretto255', make: poprfSuite }, ...ACS];

/** Every suite that a manifest can name. */
export const SUITE_IDS: readonly string[] = Object.freeze(ENTRIES.map(({ id }) => id));

/** One of each, since suites remember what they computed of a key. */
const made = new WeakMap<Engine, Map<string, CredentialSuite>>();

/**
 * The suite of this id, over the engine's group.
 *
 * @throws CredentialError `unknown_suite` for an id that is not in `SUITE_IDS`, or a group that the engine lacks
 */
export function suiteOf(id: string, engine: Engine = nobleEngine): CredentialSuite {
  const suites = made.get(engine) ?? new Map<string, CredentialSuite>();
  made.set(engine, suites);
  const suite = suites.get(id) ?? makeSuite(id, engine);
  suites.set(id, suite);
  return suite;
}

function makeSuite(id: string, engine: Engine): CredentialSuite {
  const entry = ENTRIES.find((entry) => entry.id === id);
  if (entry === undefined) throw new CredentialError('unknown_suite', `unknown suite; known: ${SUITE_IDS.join(', ')}`);
  const group = engine.group(entry.group);
  if (group === undefined) throw new CredentialError('unknown_suite', `${engine.name} has no group ${entry.group}`);
  return entry.make(group);
}
