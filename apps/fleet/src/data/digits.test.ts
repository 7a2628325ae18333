import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { loadDigits, PIXELS, splitTest, toInput, type Examples } from './index.js';

let directory: string;
let digits: Examples;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'digits-'));
  digits = await loadDigits(directory);
});
afterAll(() => rm(directory, { recursive: true }));

const countsOf = (labels: Uint8Array): number[] => {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]! += 1;
  return counts;
};

describe('loadDigits', () => {
  it('reads the 10,000 digits', () => {
    expect(countsOf(digits.labels)).toEqual([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
    expect(digits.inputs.length).toBe(10_000 * PIXELS);
    expect(Math.max(...digits.inputs.subarray(0, 100 * PIXELS))).toBe(255);
  });

  it('reads the same from its cache, and leaves one file', async () => {
    expect(Buffer.compare(Buffer.from((await loadDigits(directory)).inputs), Buffer.from(digits.inputs))).toBe(0);
    expect(await readdir(directory)).toHaveLength(1);
  });

  it('does not believe a cache that is cut off', async () => {
    const [file] = await readdir(directory);
    await writeFile(join(directory, file!), Buffer.alloc(100));
    expect(countsOf((await loadDigits(directory)).labels)).toEqual(countsOf(digits.labels));
  });
});

describe('splitTest', () => {
  it('keeps a stratified test set that no device sees', () => {
    const { train, test } = splitTest(digits, 1);
    expect([train.labels.length, test.labels.length]).toEqual([8500, 1500]);
    const all = countsOf(digits.labels);
    const kept = countsOf(test.labels);
    kept.forEach((count, label) => expect(Math.abs(count - 0.15 * all[label]!)).toBeLessThanOrEqual(1));
    expect(countsOf(train.labels)).toEqual(all.map((count, label) => count - kept[label]!));
  });

  it('splits images, not only labels: every image is in one part, with its label', () => {
    const { train, test } = splitTest(digits, 2);
    const keys = (part: Examples) =>
      Array.from(part.labels, (label, i) => {
        const image = part.inputs.subarray(i * PIXELS, (i + 1) * PIXELS);
        return `${label}:${createHash('sha1').update(image).digest('base64')}`;
      });
    expect([...keys(train), ...keys(test)].sort()).toEqual(keys(digits).sort());
  });

  it('depends on the seed alone', () => {
    expect(splitTest(digits, 1).test.labels).toEqual(splitTest(digits, 1).test.labels);
    expect(splitTest(digits, 1).test.labels).not.toEqual(splitTest(digits, 2).test.labels);
  });

  it('gives a model numbers from 0 to 1', () => {
    expect([...toInput(Uint8Array.of(0, 51, 255))]).toEqual([0, Math.fround(0.2), 1]);
  });
});
