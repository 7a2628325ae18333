import { describe, expect, it } from '@jest/globals';

import {
  changeToGrid,
  checkGrid,
  decodeInt32LE,
  encodeInt32LE,
  GridCheck,
  l2Norm,
  maxCoordinate,
  maxNorm,
  normOfChange,
  toGrid,
  type Grid,
} from './index.js';

const grid: Grid = { scale: 2 ** 16, clip: 4 };

/** A seeded stream of numbers in [-1, 1): Lehmer's generator. */
function numbers(seed: number): () => number {
  let state = seed + 1;
  return () => (state = (state * 48271) % 2147483647) / 1073741823.5 - 1;
}

const verdict = (q: Int32Array, dimension = q.length, at: Grid = grid): string => {
  const check = new GridCheck(at, dimension);
  check.push(encodeInt32LE(q));
  try {
    check.finish();
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('toGrid', () => {
  it.each([
    { name: 'a short delta keeps its length', delta: [0.5, -0.25], want: [32768, -16384] },
    { name: 'a long one is clipped to C', delta: [30, -40], want: [157286, -209715] },
    { name: 'zero stays zero', delta: [0, 0, 0], want: [0, 0, 0] },
    { name: 'ties go toward +infinity', delta: [1.5 / 65536, -1.5 / 65536], want: [2, -1] },
  ])('[LRN1] $name', ({ delta, want }) => {
    expect([...toGrid(Float64Array.from(delta), grid)]).toEqual(want);
  });

  it('[LRN1] takes the norm over all coordinates together, in float64', () => {
    // Kills the mutant that sums squares in float32: 2^24 + 1 + 1 … would stand still.
    const delta = new Float32Array(4_000_001).fill(1);
    delta[0] = 4096;
    expect(l2Norm(delta)).toBe(Math.sqrt(2 ** 24 + 4_000_000));
  });

  // Kills: a difference rounded to float32 on the way, a norm of something else than the difference, and one whose sum
  // is taken in another order; the last numbers of a length that is no multiple of four, left out or taken twice.
  it.each([
    [0.001, 5000],
    [0.5, 5000],
    [0.5, 5001],
    [0.5, 5003],
    [0.5, 3],
    [0.5, 0],
  ])('[LRN1] says of a change up to %p of %p numbers what it says of the delta', (most, length) => {
    const next = numbers(7);
    const before = Float32Array.from({ length }, () => 1000 * next());
    const after = before.map((x) => x + most * next());
    const delta = Float64Array.from(after, (x, j) => x - before[j]!);
    expect(changeToGrid(after, before, grid)).toEqual(toGrid(delta, grid));
    const spare = before.slice();
    expect(changeToGrid(after, spare, grid, new Int32Array(spare.buffer))).toEqual(toGrid(delta, grid));
    expect(normOfChange(after, before)).toBe(l2Norm(delta));
    expect(() => changeToGrid(after, Float32Array.of(...before, 1), grid)).toThrow(
      expect.objectContaining({ code: 'dimension_mismatch' }),
    );
  });

  // Kills: one half added to the greatest number below it, which makes 1; ties that go another way.
  it('[LRN1] rounds as Math.round does, next to each tie and at the ends of the range', () => {
    const halves = [0, 0.5, 1, 1.5, 2.5, 2 ** 20 + 0.5, 2 ** 26 - 0.5, 2 ** 26];
    const around = halves.flatMap((x) => [x, x * (1 - 2 ** -53), x * (1 + 2 ** -52), x - 2 ** -54]);
    const wide: Grid = { scale: 1, clip: 2 ** 26 };
    const within = [...around, ...around.map((y) => -y)].filter((x) => Math.abs(x) <= wide.clip);
    expect(within.map((x) => toGrid(Float64Array.of(x), wide)[0])).toEqual(within.map((x) => Math.round(x) + 0));
  });

  it('[LRN1] does not modify its input', () => {
    const delta = Float32Array.of(30, -40);
    toGrid(delta, grid);
    expect([...delta]).toEqual([30, -40]);
  });

  it.each([NaN, Infinity, -Infinity])('[LRN2] refuses %p wherever it stands', (bad) => {
    // Kills the mutant without the finiteness check: Math.min(1, C / NaN) is NaN, and NaN becomes 0 in an Int32Array.
    for (const delta of [[bad, 1], [1, bad], [bad]]) {
      expect(() => toGrid(Float64Array.from(delta), grid)).toThrow(expect.objectContaining({ code: 'not_finite' }));
      const [after, before] = [Float32Array.from(delta), new Float32Array(delta.length)];
      expect(() => changeToGrid(after, before, grid)).toThrow(expect.objectContaining({ code: 'not_finite' }));
    }
  });

  it('[LRN2] refuses finite numbers whose norm is not', () => {
    expect(() => toGrid(Float64Array.of(1e300, 1e300), grid)).toThrow(expect.objectContaining({ code: 'not_finite' }));
  });

  it('[LRN3] never makes an update the check refuses', () => {
    const next = numbers(1);
    for (let i = 0; i < 400; i++) {
      const at = { scale: 2 ** (3 * Math.abs(next()) * 6), clip: 0.01 + 8 * Math.abs(next()) };
      const size = 10 ** (4 * next());
      const delta = Float32Array.from({ length: 1 + (i % 97) }, () => size * next());
      expect(verdict(toGrid(delta, at), delta.length, at)).toBe('accepted');
    }
  });

  it.each([
    { scale: 0, clip: 1 },
    { scale: -1, clip: 1 },
    { scale: NaN, clip: 1 },
    { scale: 1, clip: Infinity },
    { scale: 2 ** 20, clip: 65 },
  ])('[LRN4] refuses the grid %p', (bad) => {
    expect(() => checkGrid(bad)).toThrow(expect.objectContaining({ code: 'bad_grid' }));
    expect(() => toGrid(Float32Array.of(1), bad)).toThrow(expect.objectContaining({ code: 'bad_grid' }));
  });
});

describe('GridCheck', () => {
  const limit = maxCoordinate(grid);

  it.each([
    { name: 'an honest update', q: [3, -4], want: 'accepted' },
    { name: 'the largest coordinate', q: [limit, 0], want: 'accepted' },
    { name: 'one beyond it', q: [limit + 1, 0], want: 'out_of_range' },
    { name: 'one beyond it, negative', q: [0, -limit - 1], want: 'out_of_range' },
    { name: 'the smallest int32', q: [-(2 ** 31), 0], want: 'out_of_range' },
    { name: 'in range, too long together', q: [limit, limit], want: 'norm_exceeded' },
    { name: 'out of range and too long: range comes first', q: [limit + 1, limit], want: 'out_of_range' },
  ])('[LRN5] $name: $want', ({ q, want }) => {
    expect(verdict(Int32Array.from(q))).toBe(want);
  });

  it('[LRN5] names a wrong length before anything else', () => {
    expect(verdict(Int32Array.of(limit + 1), 2)).toBe('wrong_length');
    expect(verdict(Int32Array.of(limit + 1, 0, 0), 2)).toBe('wrong_length');
    expect(verdict(new Int32Array(0), 2)).toBe('wrong_length');
    // Kills the mutant that looks at the sum of lengths alone: 3 + 5 bytes are not two whole integers.
    const check = new GridCheck(grid, 2);
    check.push(new Uint8Array(3));
    check.push(new Uint8Array(5));
    expect(() => check.finish()).toThrow(expect.objectContaining({ code: 'wrong_length' }));
  });

  it('[LRN6] draws the line between two neighbouring integers, however large the sum of squares', () => {
    // Kills the mutant that compares norms: near 2^26 their square roots are the same float64.
    const at = { scale: 2 ** 13, clip: 2 ** 13 };
    const dimension = 100_000;
    const bound = BigInt(Math.floor(maxNorm(at, dimension) ** 2));
    const q = vectorWithSquares(bound, dimension);
    expect(verdict(q, dimension, at)).toBe('accepted');
    expect(q[dimension - 1]).toBe(0);
    q[dimension - 1] = 1;
    expect(verdict(q, dimension, at)).toBe('norm_exceeded');
  });

  it('[LRN6] gives the same verdict for any cut into chunks', () => {
    const next = numbers(7);
    for (let i = 0; i < 50; i++) {
      const q = Int32Array.from({ length: 64 }, () => Math.round((limit / 5) * (1 + next())));
      const check = new GridCheck(grid, 64);
      const bytes = encodeInt32LE(q);
      for (let at = 0; at < bytes.length;) {
        const end = at + 4 * Math.floor(1 + 8 * Math.abs(next()));
        // A copy at an odd offset: the checker must not rely on alignment.
        const odd = new Uint8Array(bytes.length + 1);
        odd.set(bytes, 1);
        check.push(odd.subarray(1 + at, Math.min(1 + end, odd.length)));
        at = end;
      }
      const chunked = (() => {
        try {
          check.finish();
          return 'accepted';
        } catch (error) {
          return (error as { code: string }).code;
        }
      })();
      expect(chunked).toBe(verdict(q));
    }
  });
});

describe('int32 bytes', () => {
  it('[LRN7] are little-endian', () => {
    expect([...encodeInt32LE(Int32Array.of(1, -2, 0x01020304))]).toEqual([1, 0, 0, 0, 254, 255, 255, 255, 4, 3, 2, 1]);
  });

  it('[LRN7] come back from any offset', () => {
    const values = Int32Array.of(2 ** 31 - 1, -(2 ** 31), 0, -1);
    for (const offset of [0, 1, 2, 3, 4]) {
      const bytes = new Uint8Array(offset + 16);
      bytes.set(encodeInt32LE(values), offset);
      expect(decodeInt32LE(bytes.subarray(offset))).toEqual(values);
    }
    expect(() => decodeInt32LE(new Uint8Array(7))).toThrow(expect.objectContaining({ code: 'wrong_length' }));
  });
});

/** A vector with exactly this Σq², the last coordinate zero: greedily. */
function vectorWithSquares(squares: bigint, dimension: number): Int32Array {
  const q = new Int32Array(dimension);
  let rest = squares;
  // Spread most of it, so that the sum passes 2^53 in many small steps.
  for (let j = 0; j < dimension - 64; j++) {
    q[j] = Math.floor(Math.sqrt(Number(squares) / dimension));
    rest -= BigInt(q[j]!) ** 2n;
  }
  for (let j = dimension - 64; rest > 0n; j++) {
    q[j] = Math.floor(Math.sqrt(Number(rest)));
    rest -= BigInt(q[j]!) ** 2n;
  }
  return q;
}
