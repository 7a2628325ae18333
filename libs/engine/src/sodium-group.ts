import { createHash } from 'node:crypto';

import type { Group } from '#credential';

import type { PublicSums } from './public-sums.js';
import { MEMORY_LENGTH, type Sodium, type SodiumCurve, type SodiumCurveName } from './sodium.js';

const LENGTH = 32;
const WIDE = 64;

/** What lies where in the library's memory. Each operation overwrites what the last one left, and wipes secrets. */
const [POINT, TERM, SUM, SCALAR, OTHER, RESULT, UNIFORM, DIGEST, MESSAGE] = [0, 32, 64, 96, 128, 160, 192, 256, 320];

/** Longer messages go to `node:crypto`: more to pay for a call, less for a byte. */
const LONGEST_MESSAGE = MEMORY_LENGTH - MESSAGE;

/** An element or a scalar: its canonical encoding. */
type Bytes = Uint8Array;

/**
 * A group that libsodium computes with; elements and scalars are their canonical encodings. What it does with a
 * scalar takes the same time whatever the scalar is, `sumOfProducts` apart, which is for public values.
 *
 * @param sums  what makes sums of many products
 */
export function sodiumGroup(sodium: Sodium, name: SodiumCurveName, sums: PublicSums): Group<Bytes, Bytes> {
  const { generator, ...edges } = name === 'ristretto255' ? RISTRETTO255 : ed25519(sodium);
  const sumOfFew = sumOfFewOf(sodium, sodium.curves[name], edges.identity);
  return Object.freeze({
    name,
    constantTime: true,
    elementLength: LENGTH,
    scalarLength: LENGTH,
    uniformElementLength: WIDE,
    uniformScalarLength: WIDE,
    hash: sha512Of(sodium),
    hashLength: WIDE,
    hashBlockLength: 128,
    generator,
    ...elementsOf(sodium, sodium.curves[name], edges),
    ...productsOf(sodium, sodium.curves[name], edges),
    sumOfProducts: (elements: readonly Bytes[], scalars: readonly Bytes[]) =>
      elements.length < sodium.pairsOfSum ? sumOfFew(elements, scalars) : sums.sumOfProducts(name, elements, scalars),
    ...scalarsOf(sodium, sodium.curves[name]),
  });
}

/** What the curves do not share. */
interface Edges {
  readonly identity: Bytes;
  /** The library's own check leaves something to be desired; this makes up for it. */
  isStrict(bytes: Bytes): boolean;
}

/** libsodium up to 1.0.18 ignores bit 255 of an encoding, so that each element would have two. */
const RISTRETTO255 = {
  generator: fromHex('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76'),
  identity: new Uint8Array(LENGTH),
  isStrict: (bytes: Bytes) => bytes[LENGTH - 1]! < 0x80,
};

/** The order of both groups, 2^252 + 27742317777372353535851937790883648493. */
const ORDER = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

/** The generator plus the point of order two: on the curve, beside the group. */
const MIXED_ORDER = new Uint8Array(LENGTH).fill(0x99).fill(0x95, 0, 1);

/**
 * CVE-2025-69277: a libsodium without the patch takes P + T₂ for an element, and a secret times it tells the
 * secret's lowest bit. There, only `order · P = 0` is believed.
 */
function ed25519({ memory, address, curves }: Sodium) {
  const { isValid, multiply } = curves.ed25519;
  memory.set(MIXED_ORDER, POINT);
  const isPatched = isValid(address + POINT) === 0;
  return {
    generator: new Uint8Array(LENGTH).fill(0x66).fill(0x58, 0, 1),
    identity: new Uint8Array(LENGTH).fill(1, 0, 1),
    isStrict: (bytes: Bytes) => {
      if (isPatched) return true;
      memory.set(bytes, POINT);
      memory.set(ORDER, SCALAR);
      // It refuses to answer with the identity.
      return multiply(address + RESULT, address + SCALAR, address + POINT) !== 0;
    },
  };
}

function elementsOf({ memory, address }: Sodium, curve: SodiumCurve, { identity, isStrict }: Edges) {
  const isIdentity = (element: Bytes): boolean => sameBytes(element, identity);
  const combine = (operation: SodiumCurve['add']) => (a: Bytes, b: Bytes) => {
    memory.set(a, POINT);
    memory.set(b, TERM);
    succeeded(operation(address + RESULT, address + POINT, address + TERM));
    return memory.slice(RESULT, RESULT + LENGTH);
  };
  return {
    decodeElement: (bytes: Bytes) => {
      if (bytes.length !== LENGTH) return undefined;
      if (isIdentity(bytes)) return bytes;
      memory.set(bytes, POINT);
      return curve.isValid(address + POINT) === 1 && isStrict(bytes) ? bytes : undefined;
    },
    // Not `slice`, which of a Buffer is no copy.
    encodeElement: (element: Bytes) => new Uint8Array(element),
    isIdentity,
    elementFromUniform: (bytes: Bytes) => {
      checkLength(bytes, WIDE);
      memory.set(bytes, UNIFORM);
      succeeded(curve.fromUniform(address + RESULT, address + UNIFORM));
      return memory.slice(RESULT, RESULT + LENGTH);
    },
    add: combine(curve.add),
    subtract: combine(curve.subtract),
  };
}

function productsOf({ memory, address }: Sodium, curve: SodiumCurve, { isStrict }: Edges) {
  return {
    multiply: (element: Bytes, secret: Bytes) => {
      memory.set(element, POINT);
      memory.set(secret, SCALAR);
      return takeResult(memory, curve.multiply(address + RESULT, address + SCALAR, address + POINT));
    },
    decodeAndMultiply: (bytes: Bytes, secret: Bytes) => {
      if (bytes.length !== LENGTH || !isStrict(bytes)) return undefined;
      memory.set(bytes, POINT);
      memory.set(secret, SCALAR);
      // Refuses the identity as well, for it would be the result.
      const status = curve.multiply(address + RESULT, address + SCALAR, address + POINT);
      const product = takeResult(memory);
      return status === 0 ? { element: bytes, product } : undefined;
    },
    multiplyGenerator: (secret: Bytes) => {
      memory.set(secret, SCALAR);
      return takeResult(memory, curve.multiplyGenerator(address + RESULT, address + SCALAR));
    },
  };
}

/** One multiplication and one addition a pair. */
function sumOfFewOf({ memory, address }: Sodium, curve: SodiumCurve, identity: Bytes) {
  return (elements: readonly Bytes[], scalars: readonly Bytes[]): Bytes => {
    memory.set(identity, SUM);
    let terms = 0;
    elements.forEach((element, i) => {
      const scalar = scalars[i]!;
      // The library does not answer with the identity; adding it changes nothing.
      if (sameBytes(element, identity) || isZero(scalar)) return;
      memory.set(element, POINT);
      memory.set(scalar, SCALAR);
      // The first product is the sum so far; an addition would cost a quarter of the product.
      const product = terms++ === 0 ? SUM : TERM;
      succeeded(curve.multiply(address + product, address + SCALAR, address + POINT));
      if (product === TERM) succeeded(curve.add(address + SUM, address + SUM, address + TERM));
    });
    return memory.slice(SUM, SUM + LENGTH);
  };
}

function scalarsOf({ memory, address }: Sodium, curve: SodiumCurve) {
  const combine = (operation: SodiumCurve['addScalars']) => (a: Bytes, b: Bytes) => {
    memory.set(a, SCALAR);
    memory.set(b, OTHER);
    operation(address + RESULT, address + SCALAR, address + OTHER);
    return takeResult(memory);
  };
  const scalarFromUniform = (bytes: Bytes): Bytes => {
    checkLength(bytes, WIDE);
    memory.set(bytes, UNIFORM);
    curve.reduce(address + RESULT, address + UNIFORM);
    memory.fill(0, UNIFORM, UNIFORM + WIDE);
    return takeResult(memory);
  };
  return {
    decodeScalar: (bytes: Bytes) => {
      if (bytes.length !== LENGTH) return undefined;
      const wide = new Uint8Array(WIDE);
      wide.set(bytes);
      // Canonical is what reducing does not change: no comparison with the order, whose time would depend on the scalar.
      const reduced = scalarFromUniform(wide);
      return sameBytes(reduced, bytes) ? reduced : undefined;
    },
    encodeScalar: (scalar: Bytes) => new Uint8Array(scalar),
    isZero,
    equalScalars: sameBytes,
    scalarFromUniform,
    addScalars: combine(curve.addScalars),
    subtractScalars: combine(curve.subtractScalars),
    multiplyScalars: combine(curve.multiplyScalars),
    invertScalar: (secret: Bytes) => {
      memory.set(secret, SCALAR);
      return takeResult(memory, curve.invertScalar(address + RESULT, address + SCALAR));
    },
  };
}

/** The result of an operation with scalars, of which nothing stays behind. */
function takeResult(memory: Uint8Array, status = 0): Bytes {
  const result = memory.slice(RESULT, RESULT + LENGTH);
  memory.fill(0, SCALAR, RESULT + LENGTH);
  succeeded(status);
  return result;
}

/** The library's own SHA-512: on short messages, calls into Node cost more than what they save. */
function sha512Of({ memory, address, sha512 }: Sodium) {
  return (message: Uint8Array): Uint8Array => {
    if (message.length > LONGEST_MESSAGE) return new Uint8Array(createHash('sha512').update(message).digest());
    memory.set(message, MESSAGE);
    succeeded(sha512(address + DIGEST, address + MESSAGE, message.length));
    memory.fill(0, MESSAGE, MESSAGE + message.length);
    return memory.slice(DIGEST, DIGEST + WIDE);
  };
}

/** All bytes are looked at, whatever the first ones say. */
function sameBytes(a: Bytes, b: Bytes): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < LENGTH; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

function isZero(scalar: Bytes): boolean {
  let bits = 0;
  for (let i = 0; i < LENGTH; i++) bits |= scalar[i]!;
  return bits === 0;
}

/** Only a mistake of ours comes here: elements and scalars were checked when they were decoded. */
function succeeded(status: number): void {
  if (status !== 0) throw new RangeError('libsodium refused an element or a scalar');
}

function checkLength(bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new RangeError(`expected ${length} bytes, got ${bytes.length}`);
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
