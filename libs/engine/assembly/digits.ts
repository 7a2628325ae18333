/** A scalar's digits of 2, such that few of them are not zero. */

/** A digit that is not zero is odd, below 2^(WIDTH − 1) in absolute value, and followed by WIDTH − 1 zeros. */
export const WIDTH: i32 = 5;

/** Digits of a scalar below 2^253, and some of zero. */
export const DIGITS: i32 = 256;

/** The scalar, and zeros to read on in. */
const BITS: usize = memory.data(34);

/** Writes the width-5 non-adjacent form of 32 little-endian bytes, a digit every `stride` bytes over zeros. */
export function writeDigits(digits: usize, stride: usize, scalar: usize): void {
  memory.copy(BITS, scalar, 32);
  let carry = 0;
  let i = 0;
  while (i < DIGITS) {
    const word = (<i32>load<u16>(BITS + (i >> 3))) >> (i & 7);
    let digit = (word & ((1 << WIDTH) - 1)) + carry;
    if ((digit & 1) == 0) {
      i++;
      continue;
    }
    carry = digit >> (WIDTH - 1);
    digit -= carry << WIDTH;
    store<i8>(digits + <usize>i * stride, <i8>digit);
    i += WIDTH;
  }
}
