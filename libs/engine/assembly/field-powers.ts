/** Inverses and square roots in the field. */
import { copy, multiply, negate, square, squareTimes, Fe } from './field';
import { equal, isNegative } from './field-bytes';

/** √−1, of the two the one that is even. */
export const SQRT_MINUS_ONE: Fe = memory.data<i32>([
  34513072, 25610706, 9377949, 3500415, 12389472, 33281959, 41962654, 31548777, 326685, 11406482,
]);

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
