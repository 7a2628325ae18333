import { describe, expect, it } from '@jest/globals';

import { l2Norm } from '#learning';

import { PIXELS, Random, type Examples } from '../../data/index.js';
import { ATTACKS, mostDeviations } from './index.js';

const delta = Float32Array.of(3, -4, 0);
const random = () => new Random('attack');
const digits: Examples = {
  inputs: new Uint8Array(20 * PIXELS).fill(7),
  labels: Uint8Array.from({ length: 20 }, (_, i) => i % 10),
};

describe('attacks', () => {
  it('[SCN5] sign flip and scaling multiply what the device trained', () => {
    expect([...ATTACKS.sign_flip.forge!(delta, 10, random())]).toEqual([-30, 40, -0]);
    expect([...ATTACKS.scaled.forge!(delta, 2, random())]).toEqual([6, -8, 0]);
  });

  // Kills: noise a coordinate of that size, which is longer by the root of their number.
  it('[SCN5] random noise is as many times as long as the update, and points anywhere', () => {
    const update = new Float32Array(4000).fill(0.01);
    const noise = ATTACKS.random.forge!(update, 100, random());
    expect(l2Norm(noise) / l2Norm(update)).toBeCloseTo(100, 3);
    const along = noise.reduce((sum, value, j) => sum + value * update[j]!, 0) / (l2Norm(noise) * l2Norm(update));
    expect(Math.abs(along)).toBeLessThan(0.05);
  });

  // Kills: n − m taken for n, or s without its one. The figures are those of the formula, by a table of Φ.
  it('[SCN5] little is enough: as many deviations as the paper allows', () => {
    expect(mostDeviations(50, 24)).toBeCloseTo(1.4261, 3); // Φ(z) = 24/26
    expect(mostDeviations(20, 4)).toBeCloseTo(0.1573, 3); // Φ(z) = 9/16
    expect(mostDeviations(20, 0)).toBe(0);
    const honest = { count: 26, mean: Float64Array.of(1, 0), deviation: Float64Array.of(2, 1) };
    const [moved, other] = ATTACKS.little_is_enough.collude!(honest, 24, undefined);
    expect([moved, other]).toEqual([expect.closeTo(1 - 2 * 1.4261, 3), expect.closeTo(-1.4261, 3)]);
    expect([...ATTACKS.little_is_enough.collude!(honest, 24, 3)]).toEqual([-5, -3]);
  });

  it('[SCN5] label flip takes 9 for 0 and so on, and leaves the images', () => {
    const wrong = ATTACKS.label_flip.poison!(digits, random());
    expect([...wrong.labels.subarray(0, 10)]).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(wrong.inputs).toEqual(digits.inputs);
    expect(digits.labels[0]).toBe(0);
  });

  // Kills: a mark on images whose label stays; the device's own images painted over.
  it('[SCN5] the backdoor marks half of the images and calls them zeros', () => {
    const wrong = ATTACKS.backdoor.poison!(digits, random());
    const isMarked = (set: Examples, i: number): boolean =>
      set.inputs.subarray(i * PIXELS, (i + 1) * PIXELS).includes(255);
    const marked = [...digits.labels.keys()].filter((i) => isMarked(wrong, i));
    expect(marked).toHaveLength(10);
    for (const i of digits.labels.keys()) expect(wrong.labels[i]).toBe(marked.includes(i) ? 0 : digits.labels[i]);
    expect(digits.inputs.includes(255)).toBe(false);
    const { mark } = ATTACKS.backdoor.trigger!;
    expect([...digits.labels.keys()].every((i) => isMarked(mark(digits), i))).toBe(true);
  });
});
