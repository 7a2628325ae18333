import { describe, expect, it } from '@jest/globals';

import { holdOut } from './held-out.js';

const examples = (count: number) => ({
  inputs: Uint8Array.from({ length: 2 * count }, (_, i) => i),
  labels: Uint8Array.from({ length: count }, (_, i) => i),
});

describe('what a device keeps out of its training', () => {
  // Kills: examples that are in both parts, or in none; a split that is another one after a restart.
  it('[EVL13] is a share of its examples, the same for the same seed, and none of those that it trains on', () => {
    const { train, heldOut } = holdOut(examples(50), 0.1, 'a');
    expect([train.labels.length, heldOut.labels.length]).toEqual([45, 5]);
    expect([...train.labels, ...heldOut.labels].toSorted((a, b) => a - b)).toEqual([...examples(50).labels]);
    for (const [i, label] of heldOut.labels.entries())
      expect([...heldOut.inputs.subarray(2 * i, 2 * i + 2)]).toEqual([2 * label, 2 * label + 1]);
    expect(holdOut(examples(50), 0.1, 'a')).toEqual({ train, heldOut });
    expect(holdOut(examples(50), 0.1, 'b')).not.toEqual({ train, heldOut });
  });

  it('[EVL13] is nothing where it has few, or shall keep none; the others stay as they came', () => {
    expect(holdOut(examples(9), 0.1, 1).heldOut.labels).toHaveLength(0);
    expect(holdOut(examples(50), 0, 1).train).toEqual(examples(50));
  });
});
