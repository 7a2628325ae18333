/**
 * Σ kᵢ·Pᵢ over ristretto255 or edwards25519, for PUBLIC scalars and elements only: how long it takes, and which memory it
 * touches, tells what they are. Nothing is wiped, since nothing is secret.
 *
 * Straus's way: all products share their doublings, and an element's odd multiples up to 15 serve all its digits.
 * `clear`, then for at most `MOST_PAIRS` pairs at a time write them and call `addProducts`, then `encode`.
 */
import { DIGITS, WIDTH, writeDigits } from './digits';
import { decodeEd25519, encodeEd25519 } from './ed25519';
import { double, minus, plus, POINT_LENGTH, setIdentity, toAddend, toExtended, toProjective, Point } from './edwards';
import { decodeRistretto, encodeRistretto } from './ristretto255';

/** Of one pass, whose tables then stay in the second-level cache. */
export const MOST_PAIRS: usize = 128;

const LENGTH: usize = 32;
const RISTRETTO255 = 0;

/** Where the caller writes encoded elements and scalars, 32 bytes each, and reads the encoded sum. */
export const ELEMENTS: usize = memory.data(32 * 128);
export const SCALARS: usize = memory.data(32 * 128);
export const RESULT: usize = memory.data(32);

/** 1, 3, 5, … 15 times an element, as addends. */
const MULTIPLES: usize = 1 << (WIDTH - 2);
const TABLE_LENGTH: usize = MULTIPLES * POINT_LENGTH;
const TABLES: usize = memory.data(8 * 160 * 128);

/** Digit i of each pair, then digit i + 1 of each. */
const DIGITS_AT: usize = memory.data(256 * 128);

const SUM: Point = memory.data(160);
const COMPLETED: Point = memory.data(160);
const POINT: Point = memory.data(160);
const ADDEND: Point = memory.data(160);

export function clear(): void {
  setIdentity(SUM);
}

/**
 * Adds the products of the first `pairs` elements and scalars.
 *
 * @returns whether all elements were such
 */
export function addProducts(curve: i32, pairs: usize): bool {
  memory.fill(DIGITS_AT, 0, <usize>DIGITS * MOST_PAIRS);
  for (let i: usize = 0; i < pairs; i++) {
    const bytes = ELEMENTS + i * LENGTH;
    const isElement = curve == RISTRETTO255 ? decodeRistretto(POINT, bytes) : decodeEd25519(POINT, bytes);
    if (!isElement) return false;
    writeTable(TABLES + i * TABLE_LENGTH);
    writeDigits(DIGITS_AT + i, MOST_PAIRS, SCALARS + i * LENGTH);
  }
  toAddend(ADDEND, SUM);
  sumUp(pairs);
  toExtended(SUM, COMPLETED);
  plus(COMPLETED, SUM, ADDEND);
  toExtended(SUM, COMPLETED);
  return true;
}

export function encode(curve: i32): void {
  if (curve == RISTRETTO255) encodeRistretto(RESULT, SUM);
  else encodeEd25519(RESULT, SUM);
}

/** The odd multiples of `POINT`. */
function writeTable(table: usize): void {
  toAddend(table, POINT);
  double(COMPLETED, POINT);
  toExtended(POINT, COMPLETED);
  toAddend(ADDEND, POINT); // 2P
  // POINT is 2P now: P + 2P, then 3P + 2P, and so on.
  plus(COMPLETED, POINT, table);
  for (let i: usize = 1; i < MULTIPLES; i++) {
    toExtended(POINT, COMPLETED);
    toAddend(table + i * POINT_LENGTH, POINT);
    plus(COMPLETED, POINT, ADDEND);
  }
}

/** Leaves Σ of this pass in `COMPLETED`. */
function sumUp(pairs: usize): void {
  setIdentity(POINT);
  double(COMPLETED, POINT);
  let isBegun = false;
  for (let bit = DIGITS - 1; bit >= 0; bit--) {
    if (isBegun) {
      toProjective(POINT, COMPLETED);
      double(COMPLETED, POINT);
    }
    const digits = DIGITS_AT + <usize>bit * MOST_PAIRS;
    for (let i: usize = 0; i < pairs; i++) {
      const digit = <i32>load<i8>(digits + i);
      if (digit == 0) continue;
      isBegun = true;
      const multiple = TABLES + i * TABLE_LENGTH + <usize>(abs(digit) >> 1) * POINT_LENGTH;
      toExtended(POINT, COMPLETED);
      if (digit > 0) plus(COMPLETED, POINT, multiple);
      else minus(COMPLETED, POINT, multiple);
    }
  }
}
