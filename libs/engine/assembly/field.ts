/**
 * The field of p = 2^255 − 19. An element is ten limbs of 32 bits in memory: limb i counts 2^⌈25.5·i⌉, so that limbs
 * with even i carry 26 bits and those with odd i carry 25.
 *
 * Limbs have a sign, and sums and differences are not carried. "×n" says how large they may be: below n·2^25 for even i
 * and n·2^24 for odd i, and a little more. What is multiplied, squared or read comes out at ×1. Two factors ×m and
 * ×n may be multiplied as long as m·n ≤ 50: ten products, those that wrap times 19, those of odd limbs times 2, then
 * still fit into 63 bits.
 */

/** The address of an element's 40 bytes. */
export type Fe = usize;

export const FE_LENGTH: usize = 40;

const ONE: Fe = memory.data<i32>([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const ZERO: Fe = memory.data<i32>([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

export function copy(r: Fe, a: Fe): void {
  memory.copy(r, a, FE_LENGTH);
}

export function setZero(r: Fe): void {
  copy(r, ZERO);
}

export function setOne(r: Fe): void {
  copy(r, ONE);
}

/** ×m and ×n give ×(m + n). */
export function add(r: Fe, a: Fe, b: Fe): void {
  store<i32>(r, load<i32>(a) + load<i32>(b));
  store<i32>(r, load<i32>(a, 4) + load<i32>(b, 4), 4);
  store<i32>(r, load<i32>(a, 8) + load<i32>(b, 8), 8);
  store<i32>(r, load<i32>(a, 12) + load<i32>(b, 12), 12);
  store<i32>(r, load<i32>(a, 16) + load<i32>(b, 16), 16);
  store<i32>(r, load<i32>(a, 20) + load<i32>(b, 20), 20);
  store<i32>(r, load<i32>(a, 24) + load<i32>(b, 24), 24);
  store<i32>(r, load<i32>(a, 28) + load<i32>(b, 28), 28);
  store<i32>(r, load<i32>(a, 32) + load<i32>(b, 32), 32);
  store<i32>(r, load<i32>(a, 36) + load<i32>(b, 36), 36);
}

/** ×m and ×n give ×(m + n). */
export function subtract(r: Fe, a: Fe, b: Fe): void {
  store<i32>(r, load<i32>(a) - load<i32>(b));
  store<i32>(r, load<i32>(a, 4) - load<i32>(b, 4), 4);
  store<i32>(r, load<i32>(a, 8) - load<i32>(b, 8), 8);
  store<i32>(r, load<i32>(a, 12) - load<i32>(b, 12), 12);
  store<i32>(r, load<i32>(a, 16) - load<i32>(b, 16), 16);
  store<i32>(r, load<i32>(a, 20) - load<i32>(b, 20), 20);
  store<i32>(r, load<i32>(a, 24) - load<i32>(b, 24), 24);
  store<i32>(r, load<i32>(a, 28) - load<i32>(b, 28), 28);
  store<i32>(r, load<i32>(a, 32) - load<i32>(b, 32), 32);
  store<i32>(r, load<i32>(a, 36) - load<i32>(b, 36), 36);
}

export function negate(r: Fe, a: Fe): void {
  subtract(r, ZERO, a);
}

/** a·b. The limbs i and j meet in limb i + j: times 2 when both are odd, and times 19 when they wrap, i + j ≥ 10. */
export function multiply(r: Fe, a: Fe, b: Fe): void {
  const a0: i64 = load<i32>(a), a1: i64 = load<i32>(a, 4), a2: i64 = load<i32>(a, 8);
  const a3: i64 = load<i32>(a, 12), a4: i64 = load<i32>(a, 16), a5: i64 = load<i32>(a, 20);
  const a6: i64 = load<i32>(a, 24), a7: i64 = load<i32>(a, 28), a8: i64 = load<i32>(a, 32);
  const a9: i64 = load<i32>(a, 36);
  const b0: i64 = load<i32>(b), b1: i64 = load<i32>(b, 4), b2: i64 = load<i32>(b, 8);
  const b3: i64 = load<i32>(b, 12), b4: i64 = load<i32>(b, 16), b5: i64 = load<i32>(b, 20);
  const b6: i64 = load<i32>(b, 24), b7: i64 = load<i32>(b, 28), b8: i64 = load<i32>(b, 32);
  const b9: i64 = load<i32>(b, 36);
  // d: doubled. w: wrapped.
  const d1 = 2 * a1, d3 = 2 * a3, d5 = 2 * a5, d7 = 2 * a7, d9 = 2 * a9;
  const w1 = 19 * b1, w2 = 19 * b2, w3 = 19 * b3, w4 = 19 * b4, w5 = 19 * b5;
  const w6 = 19 * b6, w7 = 19 * b7, w8 = 19 * b8, w9 = 19 * b9;
  Limbs.carry(
    r,
    a0 * b0 + d1 * w9 + a2 * w8 + d3 * w7 + a4 * w6 + d5 * w5 + a6 * w4 + d7 * w3 + a8 * w2 + d9 * w1,
    a0 * b1 + a1 * b0 + a2 * w9 + a3 * w8 + a4 * w7 + a5 * w6 + a6 * w5 + a7 * w4 + a8 * w3 + a9 * w2,
    a0 * b2 + d1 * b1 + a2 * b0 + d3 * w9 + a4 * w8 + d5 * w7 + a6 * w6 + d7 * w5 + a8 * w4 + d9 * w3,
    a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + a4 * w9 + a5 * w8 + a6 * w7 + a7 * w6 + a8 * w5 + a9 * w4,
    a0 * b4 + d1 * b3 + a2 * b2 + d3 * b1 + a4 * b0 + d5 * w9 + a6 * w8 + d7 * w7 + a8 * w6 + d9 * w5,
    a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + a6 * w9 + a7 * w8 + a8 * w7 + a9 * w6,
    a0 * b6 + d1 * b5 + a2 * b4 + d3 * b3 + a4 * b2 + d5 * b1 + a6 * b0 + d7 * w9 + a8 * w8 + d9 * w7,
    a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0 + a8 * w9 + a9 * w8,
    a0 * b8 + d1 * b7 + a2 * b6 + d3 * b5 + a4 * b4 + d5 * b3 + a6 * b2 + d7 * b1 + a8 * b0 + d9 * w9,
    a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + a9 * b0,
  );
}

/** a², with each product of two different limbs made once. */
export function square(r: Fe, a: Fe): void {
  const a0: i64 = load<i32>(a), a1: i64 = load<i32>(a, 4), a2: i64 = load<i32>(a, 8);
  const a3: i64 = load<i32>(a, 12), a4: i64 = load<i32>(a, 16), a5: i64 = load<i32>(a, 20);
  const a6: i64 = load<i32>(a, 24), a7: i64 = load<i32>(a, 28), a8: i64 = load<i32>(a, 32);
  const a9: i64 = load<i32>(a, 36);
  // d: doubled. w: wrapped, of odd limbs doubled as well.
  const d0 = 2 * a0, d1 = 2 * a1, d2 = 2 * a2, d3 = 2 * a3, d4 = 2 * a4;
  const d5 = 2 * a5, d6 = 2 * a6, d7 = 2 * a7, d8 = 2 * a8;
  const w5 = 38 * a5, w6 = 19 * a6, w7 = 38 * a7, w8 = 19 * a8, w9 = 38 * a9;
  Limbs.carry(
    r,
    a0 * a0 + d1 * w9 + d2 * w8 + d3 * w7 + d4 * w6 + a5 * w5,
    d0 * a1 + a2 * w9 + d3 * w8 + a4 * w7 + d5 * w6,
    d0 * a2 + d1 * a1 + d3 * w9 + d4 * w8 + d5 * w7 + a6 * w6,
    d0 * a3 + d1 * a2 + a4 * w9 + d5 * w8 + a6 * w7,
    d0 * a4 + d1 * d3 + a2 * a2 + d5 * w9 + d6 * w8 + a7 * w7,
    d0 * a5 + d1 * a4 + d2 * a3 + a6 * w9 + d7 * w8,
    d0 * a6 + d1 * d5 + d2 * a4 + d3 * a3 + d7 * w9 + a8 * w8,
    d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4 + a8 * w9,
    d0 * a8 + d1 * d7 + d2 * a6 + d3 * d5 + a4 * a4 + a9 * w9,
    d0 * a9 + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5,
  );
}

/** a², repeated. */
export function squareTimes(r: Fe, a: Fe, times: i32): void {
  square(r, a);
  for (let i = 1; i < times; i++) square(r, r);
}

/** A class only because TypeScript knows decorators on methods alone, and asc inlines by one. */
class Limbs {
  /**
   * Takes what a limb has too much to the next one, and from the last, times 19, to the first. Rounding to the nearest
   * leaves limbs of both signs: half as large, so that sums of them may be multiplied without another carry. Two chains,
   * from limb 0 and from limb 5, go side by side; the second go along their ends meets small carries only. Inline, since ten
   * arguments cost a sixth of a product.
   */
  @inline
  static carry(
    r: Fe,
    h0: i64, h1: i64, h2: i64, h3: i64, h4: i64,
    h5: i64, h6: i64, h7: i64, h8: i64, h9: i64,
  ): void {
    let c: i64 = over26(h0);
    let e: i64 = over25(h5);
    h1 += c;
    h0 -= c << 26;
    h6 += e;
    h5 -= e << 25;
    c = over25(h1);
    e = over26(h6);
    h2 += c;
    h1 -= c << 25;
    h7 += e;
    h6 -= e << 26;
    c = over26(h2);
    e = over25(h7);
    h3 += c;
    h2 -= c << 26;
    h8 += e;
    h7 -= e << 25;
    c = over25(h3);
    e = over26(h8);
    h4 += c;
    h3 -= c << 25;
    h9 += e;
    h8 -= e << 26;
    c = over26(h4);
    e = over25(h9);
    h5 += c;
    h4 -= c << 26;
    h0 += 19 * e;
    h9 -= e << 25;
    c = over26(h0);
    e = over25(h5);
    h1 += c;
    h0 -= c << 26;
    h6 += e;
    h5 -= e << 25;
    store<i32>(r, <i32>h0);
    store<i32>(r, <i32>h1, 4);
    store<i32>(r, <i32>h2, 8);
    store<i32>(r, <i32>h3, 12);
    store<i32>(r, <i32>h4, 16);
    store<i32>(r, <i32>h5, 20);
    store<i32>(r, <i32>h6, 24);
    store<i32>(r, <i32>h7, 28);
    store<i32>(r, <i32>h8, 32);
    store<i32>(r, <i32>h9, 36);
  }
}

/** What a limb of 26 or of 25 bits has too much, rounded to the nearest. */
function over26(h: i64): i64 {
  return (h + (1 << 25)) >> 26;
}

function over25(h: i64): i64 {
  return (h + (1 << 24)) >> 25;
}

// Scratch of the functions below. Nothing here is called again before it is done.
