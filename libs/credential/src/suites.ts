import { CredentialError } from './errors.js';
import { poprfRistretto255 } from './poprf/poprf.js';
import type { CredentialSuite } from './suite.js';

/** The suite of a use case whose manifest names no other. */
export const DEFAULT_SUITE = 'poprf-ristretto255-sha512';

const SUITES: ReadonlyMap<string, CredentialSuite> = new Map([poprfRistretto255].map((suite) => [suite.id, suite]));

/** @throws CredentialError `unknown_suite` */
export function suiteOf(id: string): CredentialSuite {
  const suite = SUITES.get(id);
  if (suite === undefined)
    throw new CredentialError('unknown_suite', `unknown suite; known: ${[...SUITES.keys()].join(', ')}`);
  return suite;
}
