/** Encodings of edwards25519, RFC 8032 §5.1.2 and §5.1.3. */
import { D, first, second, setAffine, third, Point } from './edwards';
import { add, multiply, negate, setOne, square, subtract, Fe } from './field';
import { isNegative, isZero, read, write } from './field-bytes';
import { invert, rootOfRatio } from './field-powers';

const ONE: Fe = memory.data(40);
const U: Fe = memory.data(40);
const V: Fe = memory.data(40);
const X: Fe = memory.data(40);
const Y: Fe = memory.data(40);

/**
 * That `bytes` are canonical, and of prime order, is for the caller to know; y is taken modulo p here.
 *
 * @returns whether they are a point
 */
export function decodeEd25519(p: Point, bytes: usize): bool {
  setOne(ONE);
  read(Y, bytes);
  square(V, Y);
  subtract(U, V, ONE); // u = y² − 1
  multiply(V, V, D);
  add(V, V, ONE); // v = d·y² + 1
  const isSquare = rootOfRatio(X, U, V);
  const sign = load<u8>(bytes, 31) >> 7 == 1;
  if (sign) negate(X, X);
  setAffine(p, X, Y);
  return isSquare && !(sign && isZero(X));
}

export function encodeEd25519(bytes: usize, p: Point): void {
  invert(V, third(p));
  multiply(X, first(p), V);
  multiply(Y, second(p), V);
  write(bytes, Y);
  if (isNegative(X)) store<u8>(bytes, load<u8>(bytes, 31) | 0x80, 31);
}
