/**
 * Σ w·q: rows of one weight are added in 32 bits, four a pass; then the sum is multiplied by the weight and added in
 * 64. So a coordinate costs 64-bit work once a weight, not once an update. The caller sees to it that no sum of 32
 * bits overflows: rows · limit < 2^31.
 */
import { NARROW, ROWS, WIDE } from './areas';

export function clearSum(length: usize): void {
  memory.fill(NARROW, 0, 4 * length);
  memory.fill(WIDE, 0, 8 * length);
}

/**
 * Adds `count` rows, a multiple of four, of `length` coordinates, again a multiple of four, `stride` bytes apart.
 *
 * @returns whether all were in ±limit; if not, the sum is worth nothing
 */
export function addRows(count: usize, stride: usize, length: usize, limit: i32): bool {
  let inside = true;
  for (let row: usize = 0; row < count; row += 4) {
    if (!addFour(ROWS + row * stride, stride, length, limit)) inside = false;
  }
  return inside;
}

function addFour(rows: usize, stride: usize, length: usize, limit: i32): bool {
  // q + limit, unsigned, is at most 2·limit for what is inside and more for all else: one maximum tells both ends.
  const shift = i32x4.splat(limit);
  let most = i32x4.splat(0);
  for (let at: usize = 0; at < 4 * length; at += 16) {
    const row = rows + at;
    const a = v128.load(row);
    const b = v128.load(row + stride);
    const c = v128.load(row + 2 * stride);
    const d = v128.load(row + 3 * stride);
    const sum = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
    v128.store(NARROW + at, i32x4.add(v128.load(NARROW + at), sum));
    const ab = i32x4.max_u(i32x4.add(a, shift), i32x4.add(b, shift));
    const cd = i32x4.max_u(i32x4.add(c, shift), i32x4.add(d, shift));
    most = i32x4.max_u(most, i32x4.max_u(ab, cd));
  }
  return !v128.any_true(i32x4.gt_u(most, i32x4.splat(2 * limit)));
}

/** Wide += weight · narrow, and narrow begins anew. */
export function widen(length: usize, weight: f64): void {
  const factor = i64x2.splat(<i64>weight);
  const zero = i32x4.splat(0);
  for (let j: usize = 0; j < length; j += 4) {
    const narrow = v128.load(NARROW + 4 * j);
    v128.store(NARROW + 4 * j, zero);
    const low = i64x2.mul(i64x2.extend_low_i32x4_s(narrow), factor);
    const high = i64x2.mul(i64x2.extend_high_i32x4_s(narrow), factor);
    const wide = WIDE + 8 * j;
    v128.store(wide, i64x2.add(v128.load(wide), low));
    v128.store(wide + 16, i64x2.add(v128.load(wide + 16), high));
  }
}
