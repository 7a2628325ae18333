/** What an engine must show before a server computes with its keys on it. */
import { randomFillSync } from 'node:crypto';

import { CredentialError, DEFAULT_SUITE, nobleEngine, type Engine, type Group } from '#credential';

import { KNOWN_ANSWERS, KNOWN_TAPE } from './known-answers.js';
import { MALFORMED, type CheckedGroup } from './malformed.js';
import { issueAndRedeem, operate, type Transcript } from './transcript.js';

const GROUPS: readonly CheckedGroup[] = ['ristretto255', 'ed25519'];

/** Fresh inputs at each start. Noble takes some 20 ms for each. */
const FRESH_INPUTS = 2;

/**
 * Checks an engine against answers that are written down: quick enough for every thread that starts.
 *
 * @returns what is wrong with it
 */
export function failsKnownAnswers(engine: Engine): string | undefined {
  return guarded(() => {
    for (const name of GROUPS) {
      const different = difference(operate(groupOf(engine, name), KNOWN_TAPE), KNOWN_ANSWERS[name]);
      if (different !== undefined) return `${name}: wrong known answer of ${different}`;
    }
    const different = difference(issueAndRedeem(engine, KNOWN_TAPE), KNOWN_ANSWERS.suite);
    return different === undefined ? undefined : `${DEFAULT_SUITE}: wrong known answer of ${different}`;
  });
}

/**
 * Checks an engine against noble on fresh random inputs, operation by operation and in a whole issuance and
 * redemption, and by what it must refuse. Known answers alone would miss an engine that is wrong now and then.
 *
 * @returns what is wrong with it
 */
export function differsFromNoble(engine: Engine): string | undefined {
  return guarded(() => {
    for (const name of GROUPS) {
      const accepted = firstAccepted(groupOf(engine, name), name);
      if (accepted !== undefined) return `${name}: does not refuse ${accepted}`;
    }
    for (let i = 0; i < FRESH_INPUTS; i++) {
      const tape = randomFillSync(new Uint8Array(KNOWN_TAPE.length));
      for (const name of GROUPS) {
        const different = difference(operate(groupOf(engine, name), tape), operate(groupOf(nobleEngine, name), tape));
        if (different !== undefined) return `${name}: ${different} differs from noble's`;
      }
      const different = difference(issueAndRedeem(engine, tape), issueAndRedeem(nobleEngine, tape));
      if (different !== undefined) return `${DEFAULT_SUITE}: ${different} differs from noble's`;
    }
    return undefined;
  });
}

/** The first of what must be refused that is not, and what must be taken that is not. */
function firstAccepted<E, S>(group: Group<E, S>, name: CheckedGroup): string | undefined {
  const { elements, scalars, identity, largestScalar } = MALFORMED[name];
  const scalarOne = group.decodeScalar(new Uint8Array(32).fill(1, 0, 1))!;
  const takes = (bytes: Uint8Array): boolean =>
    group.decodeElement(bytes) !== undefined || group.decodeAndMultiply?.(bytes, scalarOne) !== undefined;
  const element = Object.entries(elements).find(([, bytes]) => takes(bytes));
  if (element !== undefined) return element[0];
  const scalar = Object.entries(scalars).find(([, bytes]) => group.decodeScalar(bytes) !== undefined);
  if (scalar !== undefined) return scalar[0];
  if (group.decodeAndMultiply?.(identity, scalarOne) !== undefined) return 'the identity where it is multiplied';
  const decoded = group.decodeElement(identity);
  if (decoded === undefined || !group.isIdentity(decoded)) return 'the identity as what it is';
  return group.decodeScalar(largestScalar) === undefined ? 'only what is no scalar' : undefined;
}

function groupOf(engine: Engine, name: CheckedGroup): Group {
  const group = engine.group(name);
  if (group === undefined) throw new CredentialError('unknown_suite', `has no group ${name}`);
  return group;
}

/** The name of the first result that is not the same. */
function difference(actual: Transcript, expected: Transcript): string | undefined {
  return Object.keys(expected).find((name) => Buffer.compare(actual[name]!, expected[name]!) !== 0);
}

/** An engine that throws where it should compute is wrong, too. The inputs are nobody's secrets. */
function guarded(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    return error instanceof Error ? error.message : 'threw something';
  }
}
