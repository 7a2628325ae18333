import { describe, expect, it } from '@jest/globals';

import { fft, logNormalCdf, normalBetween, normalCdf, type Complex } from '../index.js';

const codeOf = (code: string) => expect.objectContaining({ code });

describe('normal distribution', () => {
  // From mpmath with 30 digits. Kills: 1 − Φ(−x) in the tail; a continued fraction cut too early.
  it.each([
    [0, 0.5],
    [1, 0.8413447460685429],
    [-1, 0.15865525393145705],
    [-1.999999, 0.02275018593919971],
    [-2.000001, 0.0227500779572667],
    [-5, 2.866515718791939e-7],
    [-10, 7.61985302416053e-24],
    [-37, 5.725571222524582e-300],
  ])('[DPR6] Φ(%d), in the tail too', (x, want) => {
    expect(normalCdf(x) / want).toBeCloseTo(1, 12);
    expect(logNormalCdf(x)).toBeCloseTo(Math.log(want), 11);
  });

  it('[DPR6] differences far out keep their digits', () => {
    expect(normalBetween(9, 10) / 1.128512207423599e-19).toBeCloseTo(1, 11);
    expect(normalBetween(9, 10)).toBe(normalBetween(-10, -9));
    expect(logNormalCdf(-1000)).toBeCloseTo(-500_007.826694812, 6);
  });
});

describe('fft', () => {
  const random = (n: number): Complex => ({
    re: Float64Array.from({ length: n }, (_, j) => Math.sin(j * j + 1)),
    im: Float64Array.from({ length: n }, (_, j) => Math.cos(3 * j * j)),
  });

  // Kills: the sign of the angle, a missing 1/n, wrong order of digits.
  it.each([1, 2, 8, 64])('[DPR6] of %d numbers is the sum by definition, and back again', (n) => {
    const x = random(n);
    const y = random(n);
    fft(y);
    for (let k = 0; k < n; k++) {
      let [re, im] = [0, 0];
      for (let j = 0; j < n; j++) {
        const [cos, sin] = [Math.cos((-2 * Math.PI * j * k) / n), Math.sin((-2 * Math.PI * j * k) / n)];
        re += x.re[j]! * cos - x.im[j]! * sin;
        im += x.re[j]! * sin + x.im[j]! * cos;
      }
      expect(y.re[k]).toBeCloseTo(re, 11);
      expect(y.im[k]).toBeCloseTo(im, 11);
    }
    fft(y, true);
    for (let j = 0; j < n; j++) expect(y.re[j]).toBeCloseTo(x.re[j]!, 13);
  });

  it.each([0, 3, 12])('[DPR6] refuses %d numbers', (n) => {
    expect(() => fft(random(n))).toThrow(codeOf('wrong_length'));
  });
});
