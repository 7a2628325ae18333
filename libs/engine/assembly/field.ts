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

/** √−1, of the two the one that is even. */
export const SQRT_MINUS_ONE: Fe = memory.data<i32>([
  34513072, 25610706, 9377949, 3500415, 12389472, 33281959, 41962654, 31548777, 326685, 11406482,
]);

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
  carry(
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
  carry(
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

/**
 * Takes what a limb has too much to the next one, and from the last, times 19, to the first. Rounding to the nearest
 * leaves limbs of both signs: half as large, so that sums of them may be multiplied without another carry. Two chains,
 * from limb 0 and from limb 5, go side by side; the second go along their ends meets small carries only. Inline, since ten
 * arguments cost a sixth of a product.
 */
// @ts-ignore: asc's, not TypeScript's
@inline
function carry(
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

/** What a limb of 26 or of 25 bits has too much, rounded to the nearest. */
function over26(h: i64): i64 {
  return (h + (1 << 25)) >> 26;
}

function over25(h: i64): i64 {
  return (h + (1 << 24)) >> 25;
}

// Scratch of the functions below. Nothing here is called again before it is done.
const T0: Fe = memory.data(40);
const T1: Fe = memory.data(40);
const T2: Fe = memory.data(40);

/** a^(2^252 − 3), which is a^((p − 5)/8). `r` may be `a`. */
export function powerOfRoot(r: Fe, a: Fe): void {
  // In each line the exponent of what is on the left.
  square(T0, a); // 2
  squareTimes(T1, T0, 2); // 8
  multiply(T1, a, T1); // 9
  multiply(T0, T0, T1); // 11
  square(T0, T0); // 22
  multiply(T0, T1, T0); // 2^5 − 1
  squareTimes(T1, T0, 5);
  multiply(T0, T1, T0); // 2^10 − 1
  squareTimes(T1, T0, 10);
  multiply(T1, T1, T0); // 2^20 − 1
  squareTimes(T2, T1, 20);
  multiply(T1, T2, T1); // 2^40 − 1
  squareTimes(T1, T1, 10);
  multiply(T0, T1, T0); // 2^50 − 1
  squareTimes(T1, T0, 50);
  multiply(T1, T1, T0); // 2^100 − 1
  squareTimes(T2, T1, 100);
  multiply(T1, T2, T1); // 2^200 − 1
  squareTimes(T1, T1, 50);
  multiply(T0, T1, T0); // 2^250 − 1
  squareTimes(T0, T0, 2);
  multiply(r, T0, a); // 2^252 − 3
}

const CUBE: Fe = memory.data(40);

/** 1/a, as a^(p − 2); of 0 it is 0. */
export function invert(r: Fe, a: Fe): void {
  square(CUBE, a);
  multiply(CUBE, CUBE, a);
  powerOfRoot(r, a);
  // 8·(2^252 − 3) + 3 = p − 2
  squareTimes(r, r, 3);
  multiply(r, r, CUBE);
}

const U: Fe = memory.data(40);
const V: Fe = memory.data(40);
const V3: Fe = memory.data(40);
const CHECK: Fe = memory.data(40);

/**
 * RFC 9496 §4.2 SQRT_RATIO_M1: the root of u/v that is not negative, or of √−1·u/v where u/v has none. `r` is not `u`
 * or `v`.
 *
 * @returns whether u/v has one
 */
export function rootOfRatio(r: Fe, u: Fe, v: Fe): bool {
  copy(U, u);
  copy(V, v);
  square(V3, V);
  multiply(V3, V3, V);
  square(r, V3);
  multiply(r, r, V);
  multiply(r, r, U);
  powerOfRoot(r, r);
  multiply(r, r, V3);
  multiply(r, r, U); // u·v³·(u·v⁷)^((p − 5)/8)
  square(CHECK, r);
  multiply(CHECK, CHECK, V); // v·r²
  let isSquare = equal(CHECK, U);
  if (!isSquare) {
    negate(U, U);
    isSquare = equal(CHECK, U);
    multiply(U, U, SQRT_MINUS_ONE);
    if (isSquare || equal(CHECK, U)) multiply(r, r, SQRT_MINUS_ONE);
  }
  if (isNegative(r)) negate(r, r);
  return isSquare;
}

const DIFFERENCE: Fe = memory.data(40);

export function equal(a: Fe, b: Fe): bool {
  subtract(DIFFERENCE, a, b);
  return isZero(DIFFERENCE);
}

const BYTES: usize = memory.data(32);

export function isZero(a: Fe): bool {
  write(BYTES, a);
  return (load<u64>(BYTES) | load<u64>(BYTES, 8) | load<u64>(BYTES, 16) | load<u64>(BYTES, 24)) == 0;
}

/** RFC 9496 §3.1: negative is what is odd. */
export function isNegative(a: Fe): bool {
  write(BYTES, a);
  return (load<u8>(BYTES) & 1) == 1;
}

/** Reads 32 little-endian bytes but their highest bit, at ×2. */
export function read(r: Fe, bytes: usize): void {
  let bit: usize = 0;
  for (let i: usize = 0; i < 10; i++) {
    const width = widthOf(i);
    // No limb has more than 32 bits with those before it in its first byte.
    const word: u32 = load<u32>(bytes + (bit >> 3)) >> <u32>(bit & 7);
    store<i32>(r + 4 * i, word & ((1 << <u32>width) - 1));
    bit += width;
  }
}

const REDUCED: Fe = memory.data(40);

/** Writes the 32 bytes of a number below p. */
export function write(bytes: usize, a: Fe): void {
  copy(REDUCED, a);
  // The first carry leaves at most a few hundred below zero or above 2^255, the second nothing.
  raise(19 * carryUp());
  raise(19 * carryUp());
  // What is now at least p is at least 2^255 when 19 is added, and the carry takes that away.
  raise(19);
  if (carryUp() == 0) {
    raise(-19);
    carryUp();
  }
  let rest: u64 = 0;
  let bits: usize = 0;
  let written: usize = 0;
  for (let i: usize = 0; i < 10; i++) {
    rest |= <u64>load<i32>(REDUCED + 4 * i) << <u64>bits;
    bits += widthOf(i);
    for (; bits >= 8; bits -= 8) {
      store<u8>(bytes + written++, <u8>rest);
      rest >>= 8;
    }
  }
  store<u8>(bytes + written, <u8>rest);
}

function raise(by: i32): void {
  store<i32>(REDUCED, load<i32>(REDUCED) + by);
}

/** Leaves each limb of `REDUCED` with its own bits. @returns what there is of 2^255 */
function carryUp(): i32 {
  let c: i32 = 0;
  for (let i: usize = 0; i < 10; i++) {
    const width = <i32>widthOf(i);
    const h = load<i32>(REDUCED + 4 * i) + c;
    c = h >> width;
    store<i32>(REDUCED + 4 * i, h - (c << width));
  }
  return c;
}

function widthOf(limb: usize): usize {
  return 26 - (limb & 1);
}
