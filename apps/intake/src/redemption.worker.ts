import { suiteOf, type DerivedKeyPair } from '#credential';

import type { RedemptionTask } from './redemption.js';

const MAX_CACHED_KEYS = 256;
const keys = new Map<string, DerivedKeyPair>();

/** Runs in a worker thread: one multiplication takes milliseconds. */
export default function redeem({ suite: id, primaryKey, info, token }: RedemptionTask): Uint8Array {
  const suite = suiteOf(id);
  const name = Buffer.from(info).toString('latin1');
  let pair = keys.get(name);
  if (pair === undefined) {
    pair = suite.deriveKeyPair(primaryKey, info);
    if (keys.size >= MAX_CACHED_KEYS) keys.clear();
    keys.set(name, pair);
  }
  return suite.evaluateInput(pair, token);
}
