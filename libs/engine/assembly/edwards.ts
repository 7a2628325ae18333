/**
 * Points of edwards25519, −x² + y² = 1 + d·x²·y² over p = 2^255 − 19, by the formulas of Hisil, Wong, Carter and Dawson
 * (2008) as the Explicit-Formulas Database names them. They are complete here, since −1 is a square and d is not: no
 * pair of points is an exception, equal, opposite or identity.
 *
 * A point has one of three forms, each four field elements:
 *
 *   extended    X : Y : Z : T     x = X/Z, y = Y/Z, T = X·Y/Z; ×1
 *   completed   E : F : G : H     X = E·F, Y = G·H, Z = F·G, T = E·H: what an addition ends with
 *   addend      Y+X : Y−X : 2Z : 2d·T     what an addition needs of its second point
 *
 * Which products of the completed form are made depends on what comes next: doubling does without T.
 */
import { add, copy, FE_LENGTH, multiply, setOne, setZero, square, subtract, Fe } from './field';

/** The address of a point's four elements. */
export type Point = usize;

export const POINT_LENGTH: usize = 160;

/** −121665/121666 */
export const D: Fe = memory.data<i32>([
  56195235, 13857412, 51736253, 6949390, 114729, 24766616, 60832955, 30306712, 48412415, 21499315,
]);

const TWO_D: Fe = memory.data<i32>([
  45281625, 27714825, 36363642, 13898781, 229458, 15978800, 54557047, 27058993, 29715967, 9444199,
]);

export function first(p: Point): Fe {
  return p;
}

export function second(p: Point): Fe {
  return p + FE_LENGTH;
}

export function third(p: Point): Fe {
  return p + 2 * FE_LENGTH;
}

export function fourth(p: Point): Fe {
  return p + 3 * FE_LENGTH;
}

/** 0 : 1 : 1 : 0 */
export function setIdentity(p: Point): void {
  setZero(first(p));
  setOne(second(p));
  setOne(third(p));
  setZero(fourth(p));
}

/** An extended point of x and y. */
export function setAffine(p: Point, x: Fe, y: Fe): void {
  copy(first(p), x);
  copy(second(p), y);
  setOne(third(p));
  multiply(fourth(p), x, y);
}

const A: Fe = memory.data(40);
const B: Fe = memory.data(40);
const C: Fe = memory.data(40);
const F: Fe = memory.data(40);

/** dbl-2008-hwcd with a = −1, all signs turned. Completed, of X : Y : Z; the largest is ×4. */
export function double(r: Point, p: Point): void {
  square(A, first(p));
  square(B, second(p));
  square(C, third(p));
  add(F, first(p), second(p));
  square(F, F); // (X + Y)²
  add(C, C, C); // 2Z²
  add(fourth(r), A, B); // H = A + B
  subtract(third(r), A, B); // G = A − B
  subtract(first(r), fourth(r), F); // E = H − (X + Y)²
  add(second(r), C, third(r)); // F = C + G
}

/** add-2008-hwcd-3: extended `p` plus addend `q`. Completed; the largest is ×2. */
export function plus(r: Point, p: Point, q: Point): void {
  products(r, p, q, first(q), second(q));
  subtract(second(r), F, C); // F = D − C
  add(third(r), F, C); // G = D + C
}

/** The same for the opposite of `q`, whose Y + X and Y − X change places and whose T changes its sign. */
export function minus(r: Point, p: Point, q: Point): void {
  products(r, p, q, second(q), first(q));
  add(second(r), F, C);
  subtract(third(r), F, C);
}

/** Leaves E and H in `r`, D in `F` and C in `C`. */
function products(r: Point, p: Point, q: Point, sum: Fe, difference: Fe): void {
  subtract(A, second(p), first(p));
  add(B, second(p), first(p));
  multiply(A, A, difference); // A = (Y₁ − X₁)·(Y₂ − X₂)
  multiply(B, B, sum); // B = (Y₁ + X₁)·(Y₂ + X₂)
  multiply(C, fourth(p), fourth(q)); // C = T₁·2d·T₂
  multiply(F, third(p), third(q)); // D = Z₁·2Z₂
  subtract(first(r), B, A); // E = B − A
  add(fourth(r), B, A); // H = B + A
}

/** Completed to X : Y : Z, which is all that doubling needs. */
export function toProjective(r: Point, p: Point): void {
  multiply(first(r), first(p), second(p));
  multiply(A, third(p), fourth(p));
  multiply(third(r), second(p), third(p));
  copy(second(r), A);
}

/** Completed to extended. */
export function toExtended(r: Point, p: Point): void {
  multiply(fourth(r), first(p), fourth(p));
  toProjective(r, p);
}

/** Extended to addend; the largest is ×2. */
export function toAddend(r: Point, p: Point): void {
  add(first(r), second(p), first(p));
  subtract(second(r), second(p), first(p));
  add(third(r), third(p), third(p));
  multiply(fourth(r), fourth(p), TWO_D);
}
