import { describe, expect, it } from '@jest/globals';

import {
  BIRD_STRIKE_FEATURES,
  deal,
  LANGUAGES,
  loadBirdStrikes,
  loadLanguages,
  TRIGRAM_BUCKETS,
  type Examples,
} from './index.js';

const classes = ({ labels }: Examples): number => new Set(labels).size;
const widthOf = ({ inputs, labels }: Examples): number => inputs.length / labels.length;
const norm = (values: Uint8Array): number => Math.hypot(...values);

describe('data sets that say whose their examples are', () => {
  it('[SCN20] pieces of text in 24 languages, some thousand, each a vector of one length; groups are languages', async () => {
    const languages = await loadLanguages();
    expect([classes(languages), widthOf(languages)]).toEqual([LANGUAGES.length, TRIGRAM_BUCKETS]);
    expect(languages.labels.length).toBeGreaterThan(4000);
    expect(languages.groups).toEqual(languages.labels);
    for (let i = 0; i < languages.labels.length; i += 100) {
      const piece = languages.inputs.subarray(i * TRIGRAM_BUCKETS, (i + 1) * TRIGRAM_BUCKETS);
      expect(Math.abs(norm(piece) - 255)).toBeLessThan(5);
    }
    expect(await loadLanguages()).toEqual(languages);
  });

  it('[SCN20] bird strikes, half of them with damage, of 46 airlines; each has its phase, size, time and month', async () => {
    const strikes = await loadBirdStrikes();
    const damaged = strikes.labels.reduce((sum, label) => sum + label, 0);
    expect([damaged, strikes.labels.length, widthOf(strikes)]).toEqual([1061, 2122, BIRD_STRIKE_FEATURES]);
    expect(new Set(strikes.groups).size).toBeGreaterThan(40);
    const ones = (from: number, to: number) =>
      [...strikes.labels.keys()].map(
        (i) => strikes.inputs.subarray(i * BIRD_STRIKE_FEATURES + from, i * BIRD_STRIKE_FEATURES + to).filter(Boolean).length,
      );
    for (const [from, to] of [
      [0, 7],
      [7, 10],
      [10, 14],
      [59, 71],
    ] as const) {
      expect(new Set(ones(from, to))).toEqual(new Set([1]));
    }
  });
});

describe('the natural partition', () => {
  const sizes = [5, 40, 3, 12];
  const groups = Uint8Array.from(sizes.flatMap((size, group) => Array.from({ length: size }, () => group)));
  const examples = { labels: groups, groups };

  // Kills: an example dealt twice or never; a device with two groups where there are devices enough.
  it.each([4, 6, 20])('[SCN21] %i devices have every example once, each of one group', (devices) => {
    const hands = deal({ kind: 'natural' }, examples, { devices, seed: 1, minimum: 1 });
    expect(hands.flatMap((hand) => [...hand]).sort((a, b) => a - b)).toEqual([...groups.keys()]);
    expect(hands.map((hand) => new Set([...hand].map((i) => groups[i])).size)).toEqual(new Array(devices).fill(1));
    expect(deal({ kind: 'natural' }, examples, { devices, seed: 1, minimum: 1 })).toEqual(hands);
  });

  it('[SCN21] fewer devices than groups share the small ones; without groups, or with too few examples, it is refused', () => {
    const hands = deal({ kind: 'natural' }, examples, { devices: 2, seed: 1, minimum: 1 });
    expect(hands.map((hand) => hand.length).sort((a, b) => a - b)).toEqual([20, 40]);
    const dealing = { devices: 100, seed: 1, minimum: 1 };
    expect(() => deal({ kind: 'natural' }, examples, dealing)).toThrow(/too few for 100 devices/);
    expect(() => deal({ kind: 'natural' }, { labels: groups }, dealing)).toThrow(/no natural partition/);
  });
});
