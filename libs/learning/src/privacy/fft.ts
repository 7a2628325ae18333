import { LearningError } from '../errors.js';

const { cos, sin } = Math;

/** A complex vector; its length is a power of two. */
export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/**
 * The discrete Fourier transform in place, y_k = Σ x_j·e^(−2πi·jk/n); `inverse` takes it back, 1/n included.
 *
 * @throws LearningError `wrong_length` unless both parts have the same power of two as length
 */
export function fft(x: Complex, inverse = false): void {
  const n = x.re.length;
  if (x.im.length !== n || n === 0 || (n & (n - 1)) !== 0) {
    throw new LearningError('wrong_length', `cannot transform ${n} and ${x.im.length} numbers`);
  }
  reverseBits(x.re);
  reverseBits(x.im);
  // Each root from its own angle: products of roots lose digits.
  const angle = ((inverse ? 2 : -2) * Math.PI) / n;
  const roots: Complex = {
    re: Float64Array.from({ length: n / 2 }, (_, k) => cos(angle * k)),
    im: Float64Array.from({ length: n / 2 }, (_, k) => sin(angle * k)),
  };
  for (let half = 1; half < n; half *= 2) combine(x, half, roots);
  if (!inverse) return;
  for (let j = 0; j < n; j++) {
    x.re[j]! /= n;
    x.im[j]! /= n;
  }
}

/** Makes transforms of 2·half numbers from pairs of transforms of half. */
function combine({ re, im }: Complex, half: number, roots: Complex): void {
  const n = re.length;
  const stride = n / (2 * half);
  for (let start = 0; start < n; start += 2 * half) {
    for (let k = 0; k < half; k++) {
      const [a, b] = [start + k, start + k + half];
      const [cos, sin] = [roots.re[k * stride]!, roots.im[k * stride]!];
      const real = re[b]! * cos - im[b]! * sin;
      const imaginary = re[b]! * sin + im[b]! * cos;
      re[b] = re[a]! - real;
      im[b] = im[a]! - imaginary;
      re[a]! += real;
      im[a]! += imaginary;
    }
  }
}

/** Moves entry j to the place whose binary digits are those of j backwards. */
function reverseBits(x: Float64Array): void {
  const n = x.length;
  for (let j = 1, k = 0; j < n; j++) {
    let bit = n >> 1;
    for (; k & bit; bit >>= 1) k ^= bit;
    k ^= bit;
    if (j < k) [x[j], x[k]] = [x[k]!, x[j]!];
  }
}
