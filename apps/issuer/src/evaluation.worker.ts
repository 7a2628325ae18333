import { randomBytes } from 'node:crypto';

import { DerivedKeys, settle, threadEngine, type Outcome } from '#engine';

import type { EvaluatedToken, EvaluationItem } from './evaluation.js';

const keys = new DerivedKeys(await threadEngine(), 1024);

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Runs in a worker thread: an evaluation takes up to milliseconds, and must not hold up the event loop. */
export default function evaluate(items: readonly EvaluationItem[]): Outcome<EvaluatedToken>[] {
  return settle(items, (item) => {
    const { evaluated, proof } = keys.suite(item.suite).evaluate(keys.of(item), [item.blinded], random);
    return { evaluated: evaluated[0]!, proof };
  });
}
