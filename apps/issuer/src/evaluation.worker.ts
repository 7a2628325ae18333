import { randomBytes } from 'node:crypto';

import { CredentialError, suiteOf, type DerivedKeyPair } from '#credential';

import type { EvaluationResult, EvaluationTask } from './evaluation.js';

const MAX_CACHED_KEYS = 1024;
const keys = new Map<string, DerivedKeyPair>();

/** Runs in a worker thread: one evaluation takes milliseconds, and must not hold up the event loop. */
export default function evaluate({ suite: id, primaryKey, items }: EvaluationTask): EvaluationResult {
  const suite = suiteOf(id);
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  try {
    const tokens = items.map(({ info, blinded }) => {
      const { evaluated, proof } = suite.evaluate(derivedKey(id, primaryKey, info), [blinded], random);
      return { evaluated: evaluated[0]!, proof };
    });
    return { tokens };
  } catch (error) {
    if (error instanceof CredentialError) return { malformed: error.code };
    throw error;
  }
}

/** Every device of a slot needs the same key. `info` names use case and suite, and a use case has one primary key. */
function derivedKey(id: string, primaryKey: Uint8Array, info: Uint8Array): DerivedKeyPair {
  const name = Buffer.from(info).toString('latin1');
  let pair = keys.get(name);
  if (pair === undefined) {
    pair = suiteOf(id).deriveKeyPair(primaryKey, info);
    if (keys.size >= MAX_CACHED_KEYS) keys.clear();
    keys.set(name, pair);
  }
  return pair;
}
