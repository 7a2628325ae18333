import { randomBytes } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import {
  encodeFigures,
  FIGURES_BYTES,
  FIGURES_SENSITIVITY,
  FiguresCheck,
  meanFigures,
  releasedFigures,
  type Figures,
} from './index.js';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const BOUND = 4;

/** [loss, accuracy] in thousandths. */
function encoded(figures: Figures): number[] {
  const bytes = encodeFigures(figures, BOUND, random);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  expect(bytes).toHaveLength(FIGURES_BYTES);
  return [view.getUint16(0, true), view.getUint16(2, true)];
}

function verdict(bytes: Uint8Array, pieces: number = bytes.length): string {
  const check = new FiguresCheck();
  for (let at = 0; at < bytes.length; at += pieces) check.push(bytes.subarray(at, at + pieces));
  try {
    check.finish();
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('figures of one device', () => {
  it.each<[Figures, number[]]>([
    [{ loss: 0, accuracy: 0 }, [0, 0]],
    [{ loss: 2, accuracy: 0.923 }, [500, 923]],
    [{ loss: 0.016, accuracy: 0.001 }, [4, 1]],
    [{ loss: BOUND, accuracy: 1 }, [1000, 1000]],
    [{ loss: 1e300, accuracy: 0.5 }, [1000, 500]],
    [{ loss: Infinity, accuracy: 0.5 }, [1000, 500]],
  ])('[EVL6] %j are whole thousandths of the bound and of 1, up to the bound', (figures, expected) => {
    for (let i = 0; i < 20; i++) expect(encoded(figures)).toEqual(expected);
  });

  // Kills: rounding to the nearest, by which 17 of 23 would show; up or down for all, by which the mean would be off.
  it('[EVL6] what lies between two thousandths is rounded by lot, and right in the mean', () => {
    const draws = Array.from({ length: 4000 }, () => encoded({ loss: 1.2345, accuracy: 17 / 23 }));
    expect(new Set(draws.map(([loss]) => loss))).toEqual(new Set([308, 309]));
    expect(new Set(draws.map(([, accuracy]) => accuracy))).toEqual(new Set([739, 740]));
    const mean = (j: number): number => draws.reduce((sum, draw) => sum + draw[j]!, 0) / draws.length;
    // Nine deviations of the mean.
    expect(Math.abs(mean(0) - 308.625)).toBeLessThan(9 * Math.sqrt((0.625 * 0.375) / 4000));
    expect(Math.abs(mean(1) - 17_000 / 23)).toBeLessThan(9 * Math.sqrt(0.25 / 4000));
  });

  it.each<[string, Figures]>([
    ['no loss', { loss: NaN, accuracy: 0.5 }],
    ['a loss below 0', { loss: -0.1, accuracy: 0.5 }],
    ['no accuracy', { loss: 1, accuracy: NaN }],
    ['an accuracy above 1', { loss: 1, accuracy: 1.01 }],
    ['a negative accuracy', { loss: 1, accuracy: -1 }],
  ])('[EVL6] %s is refused', (_what, figures) => {
    expect(() => encodeFigures(figures, BOUND, random)).toThrow(expect.objectContaining({ code: 'not_finite' }));
  });

  // Kills: a signed reading by which 65,535 is −1 and passes; a check of the first bytes alone.
  it('[EVL6] what is longer, shorter or beyond 1,000 does not pass, in whatever pieces it comes', () => {
    const pair = (loss: number, accuracy: number): Uint8Array => new Uint8Array(Uint16Array.of(loss, accuracy).buffer);
    for (const pieces of [1, 3, 4]) {
      expect(verdict(pair(0, 1000), pieces)).toBe('ok');
      for (const bad of [1001, 32_768, 65_535]) {
        expect([verdict(pair(bad, 0), pieces), verdict(pair(0, bad), pieces)]).toEqual([
          'out_of_range',
          'out_of_range',
        ]);
      }
      for (const length of [1, 3, 5, 8]) expect(verdict(new Uint8Array(length), pieces)).toBe('wrong_length');
    }
    expect(verdict(new Uint8Array(0), 1)).toBe('wrong_length');
  });

  it('[EVL6] their means are the sums over bound, thousandths and devices', () => {
    expect(meanFigures({ loss: 1504, accuracy: 1924 }, BOUND, 3)).toEqual({ loss: 6016 / 3000, accuracy: 1924 / 3000 });
  });

  // Kills: an accuracy of 103 %; a sensitivity of one of the two numbers.
  it('[EVL9] noise does not take them beyond what devices can find, and one device moves them by 1000·√2', () => {
    expect(releasedFigures(Float64Array.of(-7, 3001), 3)).toEqual({ loss: 0, accuracy: 3000 });
    expect(releasedFigures(Float64Array.of(1504, 1924), 3)).toEqual({ loss: 1504, accuracy: 1924 });
    expect(FIGURES_SENSITIVITY).toBe(Math.hypot(1000, 1000));
  });
});
