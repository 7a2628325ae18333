/**
 * Median and trimmed mean of each coordinate, over rows of ROWS.
 *
 * Each half of a column is sorted; they need not be merged. For sorted halves A and B the k least of all are
 * min(A[i], B[k−1−i]) over i < k, and the k greatest likewise from their ends.
 */
import { LANES, LINES, RANKS, ROWS } from './areas';
import { sortColumns } from './sort';

const LINE: usize = 4 * LANES;

/** Writes the medians of `length` coordinates, a multiple of 16, of n rows, one at least. */
export function median(n: usize, stride: usize, length: usize): void {
  const half = n >> 1;
  const oneHalf = f64x2.splat(0.5);
  for (let j: usize = 0; j < length; j += LANES) {
    sortHalves(ROWS + 4 * j, stride, n);
    for (let lane: usize = 0; lane < LINE; lane += 16) {
      // With n odd, B has one more than A, which is left over when its others are paired.
      const odd = n & 1;
      let x = LINES + lane;
      let y = LINES + lane + (half + half - 1 + odd) * LINE;
      let below = odd ? v128.load(LINES + lane + half * LINE) : i32x4.splat(i32.MIN_VALUE);
      let above = i32x4.splat(i32.MAX_VALUE);
      for (let i: usize = 0; i < half; i++, x += LINE, y -= LINE) {
        const a = v128.load(x);
        const b = v128.load(y);
        below = i32x4.max_s(below, i32x4.min_s(a, b));
        above = i32x4.min_s(above, i32x4.max_s(a, b));
      }
      if (odd) above = below;
      const rank = RANKS + 8 * j + 2 * lane;
      v128.store(rank, f64x2.mul(f64x2.add(lowPair(below), lowPair(above)), oneHalf));
      v128.store(rank, f64x2.mul(f64x2.add(highPair(below), highPair(above)), oneHalf), 16);
    }
  }
}

/** Writes the means without the `cut` least and the `cut` greatest of each coordinate; 2 · cut < n. */
export function trimmedMean(n: usize, stride: usize, length: usize, cut: usize): void {
  const half = n >> 1;
  const kept = f64x2.splat(<f64>(n - 2 * cut));
  for (let j: usize = 0; j < length; j += LANES) {
    sortHalves(ROWS + 4 * j, stride, n);
    for (let lane: usize = 0; lane < LINE; lane += 16) {
      let low = f64x2.splat(0);
      let high = f64x2.splat(0);
      // Whole numbers below 2^53: adding all and taking some away again is exact.
      for (let at = LINES + lane; at < LINES + n * LINE; at += LINE) {
        const value = v128.load(at);
        low = f64x2.add(low, lowPair(value));
        high = f64x2.add(high, highPair(value));
      }
      const endOfA = LINES + lane + half * LINE;
      const endOfB = LINES + lane + n * LINE;
      for (let i: usize = 0; i < cut; i++) {
        const least = i32x4.min_s(v128.load(LINES + lane + i * LINE), v128.load(endOfA + (cut - 1 - i) * LINE));
        const most = i32x4.max_s(v128.load(endOfA - (cut - i) * LINE), v128.load(endOfB - (i + 1) * LINE));
        low = f64x2.sub(low, f64x2.add(lowPair(least), lowPair(most)));
        high = f64x2.sub(high, f64x2.add(highPair(least), highPair(most)));
      }
      const rank = RANKS + 8 * j + 2 * lane;
      v128.store(rank, f64x2.div(low, kept));
      v128.store(rank, f64x2.div(high, kept), 16);
    }
  }
}

/** Copies sixteen columns to LINES and sorts the first ⌊n/2⌋ lines, A, and the others, B. */
function sortHalves(row: usize, stride: usize, n: usize): void {
  let line = LINES;
  for (let i: usize = 0; i < n; i++, row += stride, line += LINE) {
    v128.store(line, v128.load(row));
    v128.store(line, v128.load(row, 16), 16);
    v128.store(line, v128.load(row, 32), 32);
    v128.store(line, v128.load(row, 48), 48);
  }
  const half = n >> 1;
  sortColumns(LINES, half);
  sortColumns(LINES + half * LINE, n - half);
}

function lowPair(values: v128): v128 {
  return f64x2.convert_low_i32x4_s(values);
}

function highPair(values: v128): v128 {
  return f64x2.convert_low_i32x4_s(i32x4.shuffle(values, values, 2, 3, 2, 3));
}
