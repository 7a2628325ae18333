import { describe, expect, it } from '@jest/globals';

import { Random } from './index.js';

const draw = (count: number, one: () => number): number[] => Array.from({ length: count }, one);
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: number[]): number => {
  const center = mean(values);
  return mean(values.map((value) => (value - center) ** 2));
};

describe('Random', () => {
  it('gives equal streams for equal seeds, others for others', () => {
    const stream = (...seed: (number | string)[]) => {
      const random = new Random(...seed);
      return draw(8, () => random.uint32());
    };
    expect(stream(1, 'a')).toEqual(stream(1, 'a'));
    expect(new Set([stream(1), stream(2), stream(1, 'a'), stream(1, 'b'), stream('1')].map(String)).size).toBe(5);
  });

  it('is uniform in [0, 1)', () => {
    const random = new Random(1);
    const values = draw(20_000, () => random.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(mean(values)).toBeCloseTo(0.5, 2);
    expect(variance(values)).toBeCloseTo(1 / 12, 2);
  });

  it('is normal with mean 0 and variance 1', () => {
    const random = new Random(2);
    const values = draw(20_000, () => random.normal());
    expect(Math.abs(mean(values))).toBeLessThan(0.03);
    expect(Math.abs(variance(values) - 1)).toBeLessThan(0.04);
  });

  it.each([0.1, 0.5, 1, 7.5])('draws gamma(%p) with mean and variance equal to the shape', (shape) => {
    const random = new Random(3, shape);
    const values = draw(40_000, () => random.gamma(shape));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.abs(mean(values) / shape - 1)).toBeLessThan(0.06);
    expect(Math.abs(variance(values) / shape - 1)).toBeLessThan(0.15);
  });

  it('shuffles: nothing lost, every place reached', () => {
    const random = new Random(4);
    const seen = Array.from({ length: 4 }, () => new Set<number>());
    for (let i = 0; i < 200; i++) {
      const shuffled = random.shuffle([0, 1, 2, 3]);
      expect([...shuffled].sort()).toEqual([0, 1, 2, 3]);
      shuffled.forEach((value, place) => seen[place]!.add(value));
    }
    expect(seen.map((values) => values.size)).toEqual([4, 4, 4, 4]);
  });
});
