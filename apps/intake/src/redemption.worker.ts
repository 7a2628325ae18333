import { DerivedKeys, settle, threadEngine, type Outcome } from '#engine';

import type { RedemptionItem } from './redemption.js';

const keys = new DerivedKeys(await threadEngine(), 256);

/** Runs in a worker thread: a redemption takes up to milliseconds. */
export default function redeem(items: readonly RedemptionItem[]): Outcome<Uint8Array>[] {
  return settle(items, (item) => keys.suite(item.suite).evaluateInput(keys.of(item), item.token));
}
