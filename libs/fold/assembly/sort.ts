/** Sixteen columns sorted side by side: no step depends on a value, so each compares sixteen pairs at once. */
import { LANES } from './areas';

const LINE: usize = 4 * LANES;

/** Leaves the lesser numbers in x and the greater in y, lane by lane. */
function exchange(x: usize, y: usize): void {
  const a0 = v128.load(x);
  const a1 = v128.load(x, 16);
  const a2 = v128.load(x, 32);
  const a3 = v128.load(x, 48);
  const b0 = v128.load(y);
  const b1 = v128.load(y, 16);
  const b2 = v128.load(y, 32);
  const b3 = v128.load(y, 48);
  v128.store(x, i32x4.min_s(a0, b0));
  v128.store(x, i32x4.min_s(a1, b1), 16);
  v128.store(x, i32x4.min_s(a2, b2), 32);
  v128.store(x, i32x4.min_s(a3, b3), 48);
  v128.store(y, i32x4.max_s(a0, b0));
  v128.store(y, i32x4.max_s(a1, b1), 16);
  v128.store(y, i32x4.max_s(a2, b2), 32);
  v128.store(y, i32x4.max_s(a3, b3), 48);
}

/**
 * Batcher's merge exchange, for any n.
 *
 * @see Knuth, The Art of Computer Programming 3, Algorithm 5.2.2M
 */
export function sortColumns(lines: usize, n: usize): void {
  if (n < 2) return;
  let top: usize = 1;
  while (top << 1 < n) top <<= 1;
  for (let p = top; p > 0; p >>= 1) {
    let q = top;
    let r: usize = 0;
    let d = p;
    while (true) {
      // All i with i & p = r and i + d < n: runs of p, each p after the last.
      for (let run = r; run + d < n; run += p << 1) {
        const end = lines + min(run + p, n - d) * LINE;
        for (let x = lines + run * LINE; x < end; x += LINE) exchange(x, x + d * LINE);
      }
      if (q == p) break;
      d = q - p;
      q >>= 1;
      r = p;
    }
  }
}
