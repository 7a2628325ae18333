/** What the check of an arriving update asks of its integers: the largest |q|, and Σ q². */
import { ROWS } from './areas';

/** Σ of one block stays below 2^63 for |q| ≤ 2^26. */
const BLOCK: usize = 1024;

/** Largest |q| and Σ q² of the last `measure`. */
let largest: f64 = 0;
let squares: f64 = 0;

export function largestSize(): f64 {
  return largest;
}

/** Exact up to 2^53 and above 2^53 beyond, if no |q| was above 2^26; worth nothing otherwise. */
export function sumOfSquares(): f64 {
  return squares;
}

/** Measures the first `length` integers of ROWS, a multiple of four. */
export function measure(length: usize): void {
  let most = i32x4.splat(0);
  squares = 0;
  for (let from: usize = 0; from < length; from += BLOCK) {
    let even = i64x2.splat(0);
    let odd = i64x2.splat(0);
    const end = ROWS + 4 * min(from + BLOCK, length);
    for (let at = ROWS + 4 * from; at < end; at += 16) {
      const q = v128.load(at);
      most = i32x4.max_u(most, i32x4.abs(q));
      even = i64x2.add(even, i64x2.extmul_low_i32x4_s(q, q));
      odd = i64x2.add(odd, i64x2.extmul_high_i32x4_s(q, q));
    }
    const sum = i64x2.add(even, odd);
    squares += <f64>(i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1));
  }
  const pairs = i32x4.max_u(most, i32x4.shuffle(most, most, 2, 3, 2, 3));
  largest = <f64>max(<u32>i32x4.extract_lane(pairs, 0), <u32>i32x4.extract_lane(pairs, 1));
}
