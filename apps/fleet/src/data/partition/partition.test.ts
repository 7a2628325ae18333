import { describe, expect, it } from '@jest/globals';

import { deal, PartitionPlan, Random } from '../index.js';

const labels = Uint8Array.from({ length: 2000 }, (_, i) => i % 10);
const PLANS: PartitionPlan[] = [
  { kind: 'iid' },
  { kind: 'dirichlet', alpha: 0.3 },
  { kind: 'shards', perDevice: 2 },
  { kind: 'quantity', alpha: 0.3 },
];
const sizes = (hands: readonly Uint32Array[]): number[] => hands.map(({ length }) => length);

describe.each(PLANS)('$kind', (plan) => {
  // Kills: a rounded share that loses or repeats the example at its edge; the last device without what is left.
  it('[SCN1] deals every example to one device, whatever their numbers', () => {
    const random = new Random('deals', plan.kind);
    for (let seed = 0; seed < 12; seed++) {
      const devices = 1 + random.below(60);
      const some = labels.subarray(0, devices * 10 + random.below(labels.length - devices * 10 + 1));
      const minimum = 1 + random.below(10);
      const hands = deal(plan, { labels: some }, { devices, seed, minimum });
      expect(hands).toHaveLength(devices);
      expect(Math.min(...sizes(hands))).toBeGreaterThanOrEqual(1);
      expect(hands.flatMap((hand) => [...hand]).sort((a, b) => a - b)).toEqual([...some.keys()]);
      if (plan.kind !== 'iid' && plan.kind !== 'shards') expect(Math.min(...sizes(hands))).toBeGreaterThanOrEqual(minimum);
    }
  });

  it('[SCN1] depends on the seed alone', () => {
    const dealt = (seed: number) => deal(plan, { labels }, { devices: 7, seed, minimum: 5 });
    expect(dealt(1)).toEqual(dealt(1));
    expect(dealt(1)).not.toEqual(dealt(2));
  });

  it('[SCN1] refuses more devices than examples', () => {
    expect(() => deal(plan, { labels: labels.subarray(0, 3) }, { devices: 4, seed: 1, minimum: 1 })).toThrow(RangeError);
  });
});

describe('what each skews', () => {
  const dealing = { devices: 20, seed: 3, minimum: 5 };
  const labelsOf = (hand: Uint32Array): number => new Set([...hand].map((index) => labels[index])).size;

  // Kills: a deal of blocks of the sorted examples; sizes that differ by more than the remainder.
  it('[SCN2] iid: sizes differ by one at most, every device has every label', () => {
    const hands = deal({ kind: 'iid' }, { labels: labels.subarray(0, 1990) }, dealing);
    expect([...new Set(sizes(hands))].sort((a, b) => a - b)).toEqual([99, 100]);
    expect(hands.map(labelsOf)).toEqual(new Array(20).fill(10));
  });

  // Kills: shards that are not cut from the sorted examples; a device dealt three.
  it('[SCN2] shards: each device has as many shards of one size, so few labels', () => {
    const hands = deal({ kind: 'shards', perDevice: 2 }, { labels }, dealing);
    expect(sizes(hands)).toEqual(new Array(20).fill(100));
    // 40 shards of 50 examples, and 200 examples a label: no shard has two labels.
    expect(Math.max(...hands.map(labelsOf))).toBe(2);
    expect(Math.max(...deal({ kind: 'shards', perDevice: 1 }, { labels }, dealing).map(labelsOf))).toBe(1);
  });

  it('[SCN2] quantity: sizes are the more uneven the smaller alpha is, labels stay even', () => {
    const largest = (alpha: number): number => Math.max(...sizes(deal({ kind: 'quantity', alpha }, { labels }, dealing)));
    expect(largest(0.1)).toBeGreaterThan(2 * largest(10));
    const hands = deal({ kind: 'quantity', alpha: 0.3 }, { labels }, dealing);
    const most = hands.reduce((a, b) => (b.length > a.length ? b : a));
    expect(labelsOf(most)).toBe(10);
  });
});
