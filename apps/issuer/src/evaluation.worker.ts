import { randomBytes } from 'node:crypto';

import { DerivedKeys, settle, threadEngine, type Outcome } from '#engine';

import type { IssuerAnswer, IssuerItem } from './evaluation.js';

const keys = new DerivedKeys(await threadEngine(), 1024);

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Runs in a worker thread: an evaluation takes up to milliseconds, and must not hold up the event loop. */
export default function answer(items: readonly IssuerItem[]): Outcome<IssuerAnswer>[] {
  return settle(items, (item) => {
    if (!('blinded' in item)) {
      const { public: publicKey, proof } = keys.of(item);
      return { publicKey, proof };
    }
    const { evaluated, proof } = keys.suite(item.suite).evaluate(keys.of(item), [item.blinded], random);
    return { evaluated: evaluated[0]!, proof };
  });
}
