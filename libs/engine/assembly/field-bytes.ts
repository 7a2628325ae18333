/** Elements of the field as bytes, and what only their bytes tell: an element has many limbs, and one encoding. */
import { copy, subtract, Fe } from './field';

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
    const word: u32 = load<u32>(bytes + (bit >> 3)) >> (<u32>(bit & 7));
    store<i32>(r + 4 * i, word & ((1 << (<u32>width)) - 1));
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
    rest |= (<u64>load<i32>(REDUCED + 4 * i)) << (<u64>bits);
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
