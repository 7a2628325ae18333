/** Encodings that must be refused, group by group. */
import { FpIsSquare } from '@noble/curves/abstract/modular.js';
import { ED25519_TORSION_SUBGROUP, ed25519, ristretto255 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import {
  bytesToNumberBE,
  bytesToNumberLE,
  concatBytes,
  hexToBytes,
  numberToBytesBE,
  numberToBytesLE,
} from '@noble/curves/utils.js';

import type { GroupName } from '../group.js';

type Spoil = (random: Uint8Array) => Uint8Array;

interface Encodings {
  readonly order: bigint;
  toNumber(bytes: Uint8Array): bigint;
  toBytes(scalar: bigint, length: number): Uint8Array;
  /** The identity, where it has an encoding. */
  readonly identity: Uint8Array | undefined;
  /** Random bytes made into what often is an element: right in whatever is easily told. */
  readonly plausible: Spoil;
  /** Malformed elements that someone thought of. */
  readonly malformed: readonly Uint8Array[];
  /** Each certain to make a malformed element of random bytes as long as an element, or of an honest one. */
  readonly spoilElement: readonly Spoil[];
  /** Each certain to make a malformed scalar of 32 random bytes, or of an honest one. */
  readonly spoilScalar: readonly Spoil[];
}

const zero = Uint8Array.of(0);
/** Whatever the group. */
const WRONG_LENGTH: readonly Spoil[] = [
  (x) => x.subarray(0, -1),
  (x) => x.subarray(1),
  (x) => concatBytes(x, zero),
  (x) => concatBytes(zero, x),
  (x) => concatBytes(x, x),
  () => new Uint8Array(0),
];

/** RFC 9496 Appendix A.2: not canonical, negative, not on the curve, negative xy, s = -1. */
const RFC9496_BAD = `
00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
0100000000000000000000000000000000000000000000000000000000000000 01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20 c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562
c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78 47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24
f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72 87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309
26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371 4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f
de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042
2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08 f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22
8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731 2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b
3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220
d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e 8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32
32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b 227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165
5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e 445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b
ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f`
  .trim()
  .split(/\s+/)
  .map((hex) => hexToBytes(hex));

const RISTRETTO_ORDER = ristretto255.Point.Fn.ORDER;

const RISTRETTO255: Encodings = {
  order: RISTRETTO_ORDER,
  toNumber: bytesToNumberLE,
  toBytes: numberToBytesLE,
  identity: new Uint8Array(32),
  plausible: (x) => x.with(0, x[0]! & 0xfe).with(31, x[31]! & 0x7f),
  malformed: [...RFC9496_BAD, new Uint8Array(32).fill(0xff), new Uint8Array(31), new Uint8Array(33)],
  spoilElement: [
    (x) => x.with(0, x[0]! | 1), // negative
    (x) => x.with(31, x[31]! | 0x80), // bit 255
    (x) => Uint8Array.of(0xed + (x[0]! % 19), ...new Uint8Array(30).fill(0xff), 0x7f), // p and above
    ...WRONG_LENGTH,
  ],
  spoilScalar: [
    ...[1n, 2n, 14n].map(
      (n) => (x: Uint8Array) => numberToBytesLE((bytesToNumberLE(x) % RISTRETTO_ORDER) + n * RISTRETTO_ORDER, 32),
    ),
    () => numberToBytesLE(RISTRETTO_ORDER, 32),
    (x) => x.with(31, 0xff),
    (x) => x.with(31, x[31]! | 0x80), // bit 255
    () => new Uint8Array(32).fill(0xff),
    ...WRONG_LENGTH,
  ],
};

const { Fn, Fp } = p256.Point;
const P256_ROOM = 2n ** 224n - 2n ** 193n; // Less than 2^256 - p and 2^256 - order: what may be added to either.

/** The next x from here on that no point of P-256 has. */
function offCurve(x: bigint): bigint {
  const { a, b } = p256.Point.CURVE();
  const at = Fp.create(x);
  return FpIsSquare(Fp, Fp.create(at * at * at + a * at + b)) ? offCurve(x + 1n) : at;
}

const compressed = (sign: number, x: bigint) => Uint8Array.of(2 + (sign & 1), ...numberToBytesBE(x, 32));
const xOf = (bytes: Uint8Array) => bytesToNumberBE(bytes.subarray(1));

const P256: Encodings = {
  order: Fn.ORDER,
  toNumber: bytesToNumberBE,
  toBytes: numberToBytesBE,
  identity: undefined,
  plausible: (x) => x.with(0, 2 + (x[0]! & 1)),
  malformed: [
    zero, // the identity of SEC 1
    new Uint8Array(33),
    new Uint8Array(33).fill(0xff),
    compressed(0, Fp.ORDER),
    p256.Point.BASE.toBytes(false),
    concatBytes(p256.Point.BASE.toBytes(false).subarray(0, 33)),
  ],
  spoilElement: [
    ...[0, 1, 4, 5, 6, 7].map((head) => (x: Uint8Array) => x.with(0, head)),
    (x) => x.with(0, 0x80 | x[0]!),
    (x) => compressed(x[0]!, Fp.ORDER + (xOf(x) % P256_ROOM)),
    (x) => compressed(x[0]!, offCurve(xOf(x))),
    ...WRONG_LENGTH,
  ],
  spoilScalar: [
    (x) => numberToBytesBE(Fn.ORDER + (bytesToNumberBE(x) % P256_ROOM), 32),
    () => numberToBytesBE(Fn.ORDER, 32),
    () => new Uint8Array(32).fill(0xff),
    ...WRONG_LENGTH,
  ],
};

const Edwards = ed25519.Point;
const EDWARDS_FIELD = Edwards.Fp;
const SMALL_ORDER = ED25519_TORSION_SUBGROUP.map((hex) => Edwards.fromHex(hex)).filter((point) => !point.is0());

/** Honest elements, each with a part of order 2, 4 or 8. */
const MIXED_ORDER = Array.from({ length: 37 }, (_, i) => Edwards.BASE.multiplyUnsafe(BigInt(i + 3))).flatMap((point) =>
  SMALL_ORDER.map((small) => point.add(small).toBytes()),
);

/** From this y on, the next that no point has. */
function offEdwards(y: bigint): bigint {
  const { ONE } = EDWARDS_FIELD;
  const square = EDWARDS_FIELD.sqr(EDWARDS_FIELD.create(y));
  const [u, v] = [EDWARDS_FIELD.sub(square, ONE), EDWARDS_FIELD.add(EDWARDS_FIELD.mul(Edwards.CURVE().d, square), ONE)];
  return FpIsSquare(EDWARDS_FIELD, EDWARDS_FIELD.mul(u, v)) ? offEdwards(y + 1n) : EDWARDS_FIELD.create(y);
}

const ED25519: Encodings = {
  order: RISTRETTO_ORDER,
  toNumber: bytesToNumberLE,
  toBytes: numberToBytesLE,
  identity: Edwards.ZERO.toBytes(),
  plausible: (x) => x,
  malformed: [
    ...SMALL_ORDER.map((point) => point.toBytes()),
    ...MIXED_ORDER.slice(0, 7),
    Edwards.ZERO.toBytes().with(31, 0x80), // the identity with a sign
    ...Array.from({ length: 19 }, (_, i) => numberToBytesLE(EDWARDS_FIELD.ORDER + BigInt(i), 32)), // y not reduced
    new Uint8Array(32).fill(0xff),
    new Uint8Array(31),
    new Uint8Array(33),
  ],
  spoilElement: [
    (x) => MIXED_ORDER[(256 * x[0]! + x[1]!) % MIXED_ORDER.length]!,
    (x) => Uint8Array.of(0xed + (x[0]! % 19), ...new Uint8Array(30).fill(0xff), 0x7f | x[31]!), // p and above
    (x) => numberToBytesLE(offEdwards(bytesToNumberLE(x) >> 1n), 32),
    ...WRONG_LENGTH,
  ],
  spoilScalar: RISTRETTO255.spoilScalar,
};

export const ENCODINGS: Readonly<Partial<Record<GroupName, Encodings>>> = {
  ristretto255: RISTRETTO255,
  ed25519: ED25519,
  'P-256': P256,
};

export function encodingsOf(name: GroupName): Encodings {
  const encodings = ENCODINGS[name];
  if (encodings === undefined) throw new RangeError(`no spoilt encodings of ${name}`);
  return encodings;
}
