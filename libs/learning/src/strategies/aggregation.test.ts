import { describe, expect, it } from '@jest/globals';

import {
  aggregateInMemory,
  bulyan,
  coordinateMedian,
  geometricMedian,
  krum,
  multiKrum,
  normBoundedMean,
  qFedAvg,
  selectByKrum,
  squaredDistances,
  trimmedMean,
  weightedMean,
  type Aggregation,
  type Contribution,
  type SliceAggregator,
} from '../index.js';

const codeOf = (code: string) => expect.objectContaining({ code });
const of = (...deltas: readonly (readonly number[])[]): Contribution[] =>
  deltas.map((delta) => ({ delta: Float64Array.from(delta), weight: 1 }));

const whole =
  (aggregator: SliceAggregator): Aggregation =>
  (cohort) =>
    aggregateInMemory(aggregator, cohort);

const RULES: readonly (readonly [string, Aggregation])[] = [
  ['weightedMean', weightedMean],
  ['coordinateMedian', whole(coordinateMedian)],
  ['trimmedMean', whole(trimmedMean(0.2))],
  ['krum', whole(krum({ malicious: 1 }))],
  ['multiKrum', whole(multiKrum({ malicious: 1, selected: 4 }))],
  ['bulyan', whole(bulyan({ malicious: 1 }))],
  ['geometricMedian', whole(geometricMedian())],
  ['normBoundedMean', whole(normBoundedMean(1e6))],
];

/** Seven that agree but for a little, and one that does not. */
const HONEST = of([1, 2, 3], [1.1, 2, 3], [0.9, 2, 3], [1, 2.1, 3], [1, 1.9, 3], [1, 2, 3.1], [1, 2, 2.9]);
const ATTACKED = [...HONEST, ...of([-1e5, 1e5, 1e5])];

describe('aggregation', () => {
  it.each(RULES)('[LRN16] %s of equal deltas is that delta, and changes none', (_, rule) => {
    const cohort = of(...Array.from({ length: 7 }, () => [0.5, -3, 0]));
    expect([...rule(cohort)].map((value) => value.toFixed(12))).toEqual([0.5, -3, 0].map((value) => value.toFixed(12)));
    expect(cohort.every(({ delta }) => delta[1] === -3)).toBe(true);
  });

  it.each(RULES)('[LRN16] %s takes integers of a grid like numbers', (_, rule) => {
    const integers = HONEST.map(({ delta, weight }) => ({
      weight,
      delta: Int32Array.from(delta, (value) => 10 * value),
    }));
    const floats = integers.map(({ delta, weight }) => ({ weight, delta: Float64Array.from(delta) }));
    expect([...rule(integers)]).toEqual([...rule(floats)]);
  });

  // Kills: no look at the numbers: NaN passes every comparison, so it is sorted to an end, and every clip.
  it.each(RULES)('[LRN16] %s refuses nobody, NaN, other lengths and weights that are none', (_, rule) => {
    expect(() => rule([])).toThrow(codeOf('empty_cohort'));
    for (const bad of [NaN, Infinity])
      expect(() => rule([...HONEST, ...of([bad, 0, 0])])).toThrow(codeOf('not_finite'));
    expect(() => rule([...HONEST, ...of([1])])).toThrow(codeOf('dimension_mismatch'));
    for (const weight of [0, -1, NaN])
      expect(() => rule([...HONEST, { delta: new Float64Array(3), weight }])).toThrow(codeOf('bad_weight'));
  });

  it.each(RULES.filter(([name]) => !['weightedMean', 'normBoundedMean'].includes(name)))(
    '[LRN17] one of eight cannot move %s far, and the mean it can',
    (_, rule) => {
      const away = (a: Float64Array): number => Math.hypot(a[0]! - 1, a[1]! - 2, a[2]! - 3);
      expect(away(rule(ATTACKED))).toBeLessThan(0.2);
      expect(away(weightedMean(ATTACKED))).toBeGreaterThan(1e4);
      expect(away(whole(normBoundedMean(4))(ATTACKED))).toBeLessThan(2 * 4);
    },
  );

  it('[LRN18] median: the middle one, or the mean of the two', () => {
    expect([...whole(coordinateMedian)(of([5, -1], [1, 7], [2, 3]))]).toEqual([2, 3]);
    expect([...whole(coordinateMedian)(of([5], [1], [2], [4]))]).toEqual([3]);
  });

  it('[LRN18] trimmed mean: ⌊β·n⌋ from each end; never everything', () => {
    expect([...whole(trimmedMean(0.25))(of([100], [1], [2], [-100]))]).toEqual([1.5]);
    expect([...whole(trimmedMean(0.2))(of([100], [1], [2], [-103]))]).toEqual([0]);
    expect(() => whole(trimmedMean(0.5))(of([1], [2]))).toThrow(codeOf('bad_strategy'));
    expect(() => trimmedMean(1)).toThrow(codeOf('bad_strategy'));
  });

  it.each([
    ['coordinateMedian', whole(coordinateMedian)],
    ['trimmedMean', whole(trimmedMean(0.3))],
  ] as const)('[LRN18] slices of %s make the whole', (_, rule) => {
    const cut = (from: number, to: number) =>
      ATTACKED.map(({ delta, weight }) => ({ weight, delta: delta.subarray(from, to) as Float64Array }));
    expect([...rule(cut(0, 1)), ...rule(cut(1, 3))]).toEqual([...rule(ATTACKED)]);
  });

  it('[LRN19] Krum: the member with the nearest neighbours; equal scores by the order of the list', () => {
    const cohort = of([0], [1], [1.5], [9], [50]);
    // f = 1: two nearest. Scores 3.25, 1.25, 2.5, 120.25, …
    expect(selectByKrum(squaredDistances(cohort), 5, { malicious: 1, selected: 3 })).toEqual([1, 2, 0]);
    expect([...whole(krum({ malicious: 1 }))(cohort)]).toEqual([1]);
    expect(selectByKrum(new Float64Array(9), 3, { malicious: 0, selected: 3 })).toEqual([0, 1, 2]);
    expect(() => whole(multiKrum({ malicious: 0, selected: 3 }))(of([1], [2]))).toThrow(codeOf('cohort_too_small'));
  });

  it('[LRN19] Multi-Krum: weights count among the selected', () => {
    const cohort = [0, 1, 100].map((value, i) => ({ delta: Float64Array.of(value), weight: [3, 1, 1000][i]! }));
    expect([...whole(multiKrum({ malicious: 0, selected: 2 }))(cohort)]).toEqual([0.25]);
  });

  // Kills: ‖a‖² + ‖b‖² − 2a·b, which has no digit left here.
  it('[LRN19] distances of deltas near each other are exact, and slices of them add up', () => {
    const cohort = of([1e8, 1e8], [1e8 + 1, 1e8], [1e8, 1e8 - 2]);
    expect([...squaredDistances(cohort)]).toEqual([0, 1, 4, 1, 0, 5, 4, 5, 0]);
    const half = (j: number) =>
      cohort.map(({ delta, weight }) => ({ weight, delta: delta.subarray(j, j + 1) as Float64Array }));
    expect([...squaredDistances(half(1), squaredDistances(half(0)))]).toEqual([...squaredDistances(cohort)]);
  });

  it('[LRN20] Bulyan: the values nearest the median of the selected; at least 4f + 3 members', () => {
    // f = 0: all are selected and all count.
    expect([...whole(bulyan({ malicious: 0 }))(of([0], [1], [5]))]).toEqual([2]);
    // f = 1, seven members: five selected, of them the three nearest to their median.
    expect([...whole(bulyan({ malicious: 1 }))(of([0], [1], [2], [3], [10], [1000], [-1000]))]).toEqual([2]);
    expect(() => whole(bulyan({ malicious: 1 }))(of([0], [1], [2], [3], [4], [5]))).toThrow(codeOf('cohort_too_small'));
  });

  it('[LRN21] geometric median: of a triangle with an angle of 120°, that corner', () => {
    const corner = of([0, 0], [1, 0], [-0.5, Math.sqrt(3) / 2]);
    const [x, y] = whole(geometricMedian({ steps: 2000 }))(corner);
    expect(Math.hypot(x!, y!)).toBeLessThan(0.01);
    // Of a square its middle, and of a majority in one place that place.
    expect([...whole(geometricMedian())(of([0, 0], [2, 0], [0, 2], [2, 2]))]).toEqual([1, 1]);
    expect(whole(geometricMedian({ steps: 100 }))(of([1], [1], [1], [1000]))[0]).toBeCloseTo(1, 6);
  });

  it('[LRN21] norm-bounded mean: longer ones are shortened, zeros stay', () => {
    expect([...whole(normBoundedMean(5))(of([30, 40], [0, 0], [0, 2], [0, -2]))]).toEqual([0.75, 1]);
    expect(() => normBoundedMean(0)).toThrow(codeOf('bad_strategy'));
  });

  it('[LRN22] q-FedAvg: with q = 0 the plain mean, with more a high loss counts more', () => {
    const cohort = [
      { delta: Float64Array.of(1), weight: 1 },
      { delta: Float64Array.of(-1), weight: 4 },
    ];
    const fair = (q: number, lossUnit: number) => whole(qFedAvg({ q, clientLearningRate: 0.5, lossUnit }))(cohort)[0];
    expect(fair(0, 1)).toBeCloseTo(0, 12);
    // q = 1, L = 2: Δ = 2·1·1 − 2·4·1 = −6; h = (1·4 + 2·1) + (1·4 + 2·4) = 18.
    expect(fair(1, 1)).toBeCloseTo(-6 / 18, 9);
    // Losses of ½ and 2: Δ = 1 − 4 = −3; h = (4 + 1) + (4 + 4) = 13.
    expect(fair(1, 0.5)).toBeCloseTo(-3 / 13, 9);
    expect(() => qFedAvg({ q: -1, clientLearningRate: 1 })).toThrow(codeOf('bad_strategy'));
  });
});
