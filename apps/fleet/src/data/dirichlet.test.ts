import { describe, expect, it } from '@jest/globals';

import { partitionByLabel, Random } from './index.js';

const labels = Uint8Array.from({ length: 2000 }, (_, i) => i % 10);

/** Mean over the devices of the share of their commonest label. */
function skew(hands: Uint32Array[]): number {
  const shares = hands.map((hand) => {
    const counts = new Array<number>(10).fill(0);
    for (const index of hand) counts[labels[index]!]! += 1;
    return Math.max(...counts) / hand.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

describe('partitionByLabel', () => {
  it('gives every image to exactly one device, and every device its minimum', () => {
    const random = new Random('partitions');
    for (let i = 0; i < 60; i++) {
      const devices = 1 + random.below(60);
      const minimum = random.below(Math.floor(labels.length / devices) + 1);
      const alpha = 10 ** (6 * random.uniform() - 3);
      const hands = partitionByLabel(labels, { devices, alpha, seed: i, minimum });
      expect(hands.length).toBe(devices);
      expect(Math.min(...hands.map((hand) => hand.length))).toBeGreaterThanOrEqual(minimum);
      const dealt = hands.flatMap((hand) => [...hand]).sort((a, b) => a - b);
      expect(dealt).toEqual([...labels.keys()]);
    }
  });

  it('skews labels more the smaller alpha is', () => {
    const skewAt = (alpha: number) => skew(partitionByLabel(labels, { devices: 20, alpha, seed: 1, minimum: 1 }));
    expect(skewAt(0.05)).toBeGreaterThan(skewAt(0.5) + 0.1);
    expect(skewAt(0.5)).toBeGreaterThan(skewAt(100) + 0.1);
    expect(skewAt(100)).toBeLessThan(0.2);
  });

  it('depends on the seed alone', () => {
    const deal = (seed: number) => partitionByLabel(labels, { devices: 7, alpha: 0.5, seed });
    expect(deal(1)).toEqual(deal(1));
    expect(deal(1)).not.toEqual(deal(2));
  });

  it('refuses what cannot be', () => {
    expect(() => partitionByLabel(labels, { devices: 101, alpha: 1, seed: 1, minimum: 20 })).toThrow(RangeError);
    expect(() => partitionByLabel(labels, { devices: 2, alpha: 0, seed: 1 })).toThrow(RangeError);
  });
});
