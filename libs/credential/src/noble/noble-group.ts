import { mulAddUnsafe, type CurvePoint, type CurvePointCons } from '@noble/curves/abstract/curve.js';
import { invertCt } from '@noble/curves/abstract/modular.js';
import { bytesToNumberBE, bytesToNumberLE } from '@noble/curves/utils.js';

import type { Group } from '../group.js';

/** What each curve of noble's brings of its own. */
type Particulars<P> = Pick<
  Group<P, bigint>,
  'name' | 'elementLength' | 'uniformElementLength' | 'uniformScalarLength' | 'elementFromUniform'
> & { readonly hash: NobleHash };

interface NobleHash {
  (message: Uint8Array): Uint8Array;
  readonly outputLen: number;
  readonly blockLen: number;
}

/**
 * A group over one of noble's curves: elements are its points, scalars bigints below the order.
 *
 * JavaScript's bigints are not constant time, and so neither is noble: it only evens out the sequence of group
 * operations (fixed windows, blinded scalars). Whoever can measure an issuer finely needs another engine.
 */
export function nobleGroup<P extends CurvePoint<bigint, P>>(
  Point: CurvePointCons<P>,
  { hash, ...particulars }: Particulars<P>,
): Group<P, bigint> {
  return Object.freeze({
    ...particulars,
    constantTime: false,
    hash: (message: Uint8Array) => hash(message),
    hashLength: hash.outputLen,
    hashBlockLength: hash.blockLen,
    ...elementsOf(Point, particulars.elementLength),
    ...scalarsOf(Point),
  });
}

function elementsOf<P extends CurvePoint<bigint, P>>(Point: CurvePointCons<P>, length: number) {
  return {
    generator: Point.BASE,
    decodeElement: (bytes: Uint8Array) => (bytes.length === length ? tryDecode(Point, bytes) : undefined),
    encodeElement: (element: P) => element.toBytes(),
    isIdentity: (element: P) => element.is0(),
    add: (a: P, b: P) => a.add(b),
    subtract: (a: P, b: P) => a.subtract(b),
    multiply: (element: P, secret: bigint) => element.multiply(secret),
    multiplyGenerator: (secret: bigint) => Point.BASE.multiply(secret),
    sumOfProducts: (elements: readonly P[], scalars: readonly bigint[]) =>
      mulAddUnsafe(Point, [...elements], [...scalars]),
  };
}

/** noble throws where an encoding is not canonical; of a curve with a cofactor it also decodes what lies beside the group. */
function tryDecode<P extends CurvePoint<bigint, P>>(Point: CurvePointCons<P>, bytes: Uint8Array): P | undefined {
  try {
    const point = Point.fromBytes(bytes);
    return point.isTorsionFree() ? point : undefined;
  } catch {
    return undefined;
  }
}

function scalarsOf<P extends CurvePoint<bigint, P>>({ Fn }: CurvePointCons<P>) {
  const toNumber = Fn.isLE ? bytesToNumberLE : bytesToNumberBE;
  return {
    scalarLength: Fn.BYTES,
    decodeScalar: (bytes: Uint8Array) => {
      const scalar = bytes.length === Fn.BYTES ? toNumber(bytes) : Fn.ORDER;
      return Fn.isValid(scalar) ? scalar : undefined;
    },
    encodeScalar: (scalar: bigint) => Fn.toBytes(scalar),
    isZero: (scalar: bigint) => scalar === 0n,
    equalScalars: (a: bigint, b: bigint) => a === b,
    scalarFromUniform: (bytes: Uint8Array) => Fn.create(toNumber(bytes)),
    addScalars: (a: bigint, b: bigint) => Fn.add(a, b),
    subtractScalars: (a: bigint, b: bigint) => Fn.sub(a, b),
    multiplyScalars: (a: bigint, b: bigint) => Fn.mul(a, b),
    // By Fermat: Euclid's loop would run as long as the secret makes it.
    invertScalar: (secret: bigint) => invertCt(secret, Fn.ORDER),
  };
}
