/**
 * Median and trimmed mean of each coordinate, over rows of ROWS, 32 coordinates at a time.
 *
 * Each half of a column is sorted; they need not be merged. For sorted halves A and B the k least of all are
 * min(A[i], B[k−1−i]) over i < k, and the k greatest likewise from their ends.
 *
 * A line is 32 numbers of 16 bits where all of its columns fit, which is what honest updates are like: a norm that is
 * bounded leaves room for few large numbers. Else it is 16 of 32 bits, and there are two turns.
 */
import { LINES, RANKS, ROWS } from './areas';
import { LINE, sortColumns } from './sort';

/** Coordinates of a turn. */
const TURN: usize = 32;

/** Writes the medians of `length` coordinates, a multiple of 32, of n rows, one at least. */
export function median(n: usize, stride: usize, length: usize): void {
  for (let j: usize = 0; j < length; j += TURN) {
    const rank = RANKS + 8 * j;
    if (copyNarrow(ROWS + 4 * j, stride, n)) {
      sortHalves<i16>(n);
      for (let lane: usize = 0; lane < LINE; lane += 16) writeMedian<i16>(lane, n, rank + 4 * lane);
    } else {
      for (let part: usize = 0; part < 2; part++) {
        copyWide(ROWS + 4 * j + LINE * part, stride, n);
        sortHalves<i32>(n);
        for (let lane: usize = 0; lane < LINE; lane += 16) writeMedian<i32>(lane, n, rank + 128 * part + 2 * lane);
      }
    }
  }
}

function writeMedian<T>(lane: usize, n: usize, rank: usize): void {
  const half = n >> 1;
  const odd = n & 1;
  // With n odd, B has one more than A, which is left over when its others are paired.
  let x = LINES + lane;
  let y = LINES + lane + (half + half - 1 + odd) * LINE;
  let below = odd ? v128.load(LINES + lane + half * LINE) : least<T>();
  let above = v128.not(least<T>());
  for (let i: usize = 0; i < half; i++, x += LINE, y -= LINE) {
    const a = v128.load(x);
    const b = v128.load(y);
    below = v128.max<T>(below, v128.min<T>(a, b));
    above = v128.min<T>(above, v128.max<T>(a, b));
  }
  if (odd) above = below;
  if (sizeof<T>() == 2) {
    writeMiddle(i32x4.extend_low_i16x8_s(below), i32x4.extend_low_i16x8_s(above), rank);
    writeMiddle(i32x4.extend_high_i16x8_s(below), i32x4.extend_high_i16x8_s(above), rank + 32);
  } else {
    writeMiddle(below, above, rank);
  }
}

function writeMiddle(below: v128, above: v128, rank: usize): void {
  const oneHalf = f64x2.splat(0.5);
  v128.store(rank, f64x2.mul(f64x2.add(lowPair(below), lowPair(above)), oneHalf));
  v128.store(rank, f64x2.mul(f64x2.add(highPair(below), highPair(above)), oneHalf), 16);
}

/** The least number there is in each lane; its complement is the greatest. */
function least<T>(): v128 {
  return sizeof<T>() == 2 ? i16x8.splat(i16.MIN_VALUE) : i32x4.splat(i32.MIN_VALUE);
}

/** Writes the means without the `cut` least and the `cut` greatest of each coordinate; 2 · cut < n. */
export function trimmedMean(n: usize, stride: usize, length: usize, cut: usize): void {
  for (let j: usize = 0; j < length; j += TURN) {
    const rank = RANKS + 8 * j;
    if (copyNarrow(ROWS + 4 * j, stride, n)) {
      sortHalves<i16>(n);
      for (let lane: usize = 0; lane < LINE; lane += 16) writeNarrowMean(lane, n, cut, rank + 4 * lane);
    } else {
      for (let part: usize = 0; part < 2; part++) {
        copyWide(ROWS + 4 * j + LINE * part, stride, n);
        sortHalves<i32>(n);
        for (let lane: usize = 0; lane < LINE; lane += 16) writeWideMean(lane, n, cut, rank + 128 * part + 2 * lane);
      }
    }
  }
}

/** In 32 bits, which hold the sum of 2^16 numbers of 16. */
function writeNarrowMean(lane: usize, n: usize, cut: usize, rank: usize): void {
  let low = i32x4.splat(0);
  let high = i32x4.splat(0);
  for (let i: usize = 0; i < n; i++) {
    const value = v128.load(LINES + lane + i * LINE);
    low = i32x4.add(low, i32x4.extend_low_i16x8_s(value));
    high = i32x4.add(high, i32x4.extend_high_i16x8_s(value));
  }
  for (let i: usize = 0; i < cut; i++) {
    const below = lesser<i16>(lane, n, cut, i);
    const above = greater<i16>(lane, n, cut, i);
    const cutLow = i32x4.add(i32x4.extend_low_i16x8_s(below), i32x4.extend_low_i16x8_s(above));
    const cutHigh = i32x4.add(i32x4.extend_high_i16x8_s(below), i32x4.extend_high_i16x8_s(above));
    low = i32x4.sub(low, cutLow);
    high = i32x4.sub(high, cutHigh);
  }
  const kept = f64x2.splat(<f64>(n - 2 * cut));
  v128.store(rank, f64x2.div(lowPair(low), kept));
  v128.store(rank, f64x2.div(highPair(low), kept), 16);
  v128.store(rank, f64x2.div(lowPair(high), kept), 32);
  v128.store(rank, f64x2.div(highPair(high), kept), 48);
}

/** In float64, which holds whole numbers below 2^53: adding all and taking some away again is exact. */
function writeWideMean(lane: usize, n: usize, cut: usize, rank: usize): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let i: usize = 0; i < n; i++) {
    const value = v128.load(LINES + lane + i * LINE);
    low = f64x2.add(low, lowPair(value));
    high = f64x2.add(high, highPair(value));
  }
  for (let i: usize = 0; i < cut; i++) {
    const below = lesser<i32>(lane, n, cut, i);
    const above = greater<i32>(lane, n, cut, i);
    low = f64x2.sub(low, f64x2.add(lowPair(below), lowPair(above)));
    high = f64x2.sub(high, f64x2.add(highPair(below), highPair(above)));
  }
  const kept = f64x2.splat(<f64>(n - 2 * cut));
  v128.store(rank, f64x2.div(low, kept));
  v128.store(rank, f64x2.div(high, kept), 16);
}

/** One of the `cut` least. */
function lesser<T>(lane: usize, n: usize, cut: usize, i: usize): v128 {
  const a = LINES + lane + i * LINE;
  const b = LINES + lane + ((n >> 1) + cut - 1 - i) * LINE;
  return v128.min<T>(v128.load(a), v128.load(b));
}

/** One of the `cut` greatest. */
function greater<T>(lane: usize, n: usize, cut: usize, i: usize): v128 {
  const a = LINES + lane + ((n >> 1) - cut + i) * LINE;
  const b = LINES + lane + (n - 1 - i) * LINE;
  return v128.max<T>(v128.load(a), v128.load(b));
}

/** The first ⌊n/2⌋ lines, A, and the others, B. */
function sortHalves<T>(n: usize): void {
  const half = n >> 1;
  sortColumns<T>(LINES, half);
  sortColumns<T>(LINES + half * LINE, n - half);
}

/** Copies 32 columns to LINES in 16 bits. @returns whether they fit; if not, the lines are worth nothing */
function copyNarrow(row: usize, stride: usize, n: usize): bool {
  const shift = i32x4.splat(1 << 15);
  let most = i32x4.splat(0);
  let line = LINES;
  for (let i: usize = 0; i < n; i++, row += stride, line += LINE) {
    for (let at: usize = 0; at < LINE; at += 16) {
      const a = v128.load(row + 2 * at);
      const b = v128.load(row + 2 * at, 16);
      v128.store(line + at, i16x8.narrow_i32x4_s(a, b));
      most = i32x4.max_u(most, i32x4.max_u(i32x4.add(a, shift), i32x4.add(b, shift)));
    }
  }
  return !v128.any_true(i32x4.gt_u(most, i32x4.splat((1 << 16) - 1)));
}

/** Copies 16 columns to LINES in 32 bits. */
function copyWide(row: usize, stride: usize, n: usize): void {
  let line = LINES;
  for (let i: usize = 0; i < n; i++, row += stride, line += LINE) {
    for (let at: usize = 0; at < LINE; at += 16) v128.store(line + at, v128.load(row + at));
  }
}

function lowPair(values: v128): v128 {
  return f64x2.convert_low_i32x4_s(values);
}

function highPair(values: v128): v128 {
  return f64x2.convert_low_i32x4_s(i32x4.shuffle(values, values, 2, 3, 2, 3));
}
