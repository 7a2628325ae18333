/** Encodings of ristretto255, RFC 9496 §4.3. */
import { D, first, fourth, second, setAffine, third, Point } from './edwards';
import { add, copy, multiply, negate, setOne, square, subtract, Fe } from './field';
import { isNegative, isZero, read, write } from './field-bytes';
import { rootOfRatio, SQRT_MINUS_ONE } from './field-powers';

/** 1/√(−1 − d) */
const INVERSE_ROOT_OF_A_MINUS_D: Fe = memory.data<i32>([
  6111466, 4156064, 39310137, 12243467, 41204824, 120896, 20826367, 26493656, 6093567, 31568420,
]);

const ONE: Fe = memory.data(40);
const S: Fe = memory.data(40);
const U1: Fe = memory.data(40);
const U2: Fe = memory.data(40);
const V: Fe = memory.data(40);
const ROOT: Fe = memory.data(40);
const X: Fe = memory.data(40);
const Y: Fe = memory.data(40);
const T: Fe = memory.data(40);

/**
 * §4.3.1. That `bytes` are canonical is for the caller to know; they are taken modulo p here.
 *
 * @returns whether they are an element
 */
export function decodeRistretto(p: Point, bytes: usize): bool {
  setOne(ONE);
  read(S, bytes);
  square(T, S);
  subtract(U1, ONE, T); // u1 = 1 − s²
  add(U2, ONE, T); // u2 = 1 + s²
  square(T, U2);
  square(V, U1);
  multiply(V, V, D);
  add(V, V, T);
  negate(V, V); // v = −d·u1² − u2²
  multiply(T, T, V);
  const isSquare = rootOfRatio(ROOT, ONE, T); // 1/√(v·u2²)
  multiply(X, ROOT, U2); // den_x
  multiply(Y, ROOT, X);
  multiply(Y, Y, V); // den_y
  multiply(Y, Y, U1);
  multiply(X, X, S);
  add(X, X, X);
  if (isNegative(X)) negate(X, X); // x = |2s·den_x|
  setAffine(p, X, Y);
  return isSquare && !isNegative(fourth(p)) && !isZero(Y);
}

const INVERSE_OF_Z: Fe = memory.data(40);

/** §4.3.2 */
export function encodeRistretto(bytes: usize, p: Point): void {
  setOne(ONE);
  add(U1, third(p), second(p));
  subtract(T, third(p), second(p));
  multiply(U1, U1, T); // u1 = (Z + Y)·(Z − Y)
  multiply(U2, first(p), second(p)); // u2 = X·Y
  square(T, U2);
  multiply(T, T, U1);
  rootOfRatio(ROOT, ONE, T); // 1/√(u1·u2²)
  multiply(U1, U1, ROOT); // den1
  multiply(U2, U2, ROOT); // den2
  multiply(INVERSE_OF_Z, U1, U2);
  multiply(INVERSE_OF_Z, INVERSE_OF_Z, fourth(p));
  multiply(T, fourth(p), INVERSE_OF_Z);
  copy(X, first(p));
  copy(Y, second(p));
  // Of the points that are one element, the one whose T and X are not negative.
  if (isNegative(T)) {
    multiply(X, second(p), SQRT_MINUS_ONE);
    multiply(Y, first(p), SQRT_MINUS_ONE);
    multiply(U2, U1, INVERSE_ROOT_OF_A_MINUS_D);
  }
  multiply(T, X, INVERSE_OF_Z);
  if (isNegative(T)) negate(Y, Y);
  subtract(S, third(p), Y);
  multiply(S, S, U2); // s = |den_inv·(Z − Y)|
  if (isNegative(S)) negate(S, S);
  write(bytes, S);
}
