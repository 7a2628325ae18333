/**
 * A group of prime order with everything the suites ask of it. The suites are written once, over this
 * interface; an engine (noble here, libsodium on servers) supplies the groups it is good at.
 *
 * `E` is an element and `S` a scalar in the form that the engine computes with best: noble's point and
 * bigint, or the canonical bytes themselves. Neither is ever modified.
 */
export interface Group<E = unknown, S = unknown> {
  readonly name: GroupName;
  /** Whether everything done with a secret scalar takes the same time whatever the scalar is. */
  readonly constantTime: boolean;

  /** Bytes of an encoded element and of an encoded scalar. */
  readonly elementLength: number;
  readonly scalarLength: number;
  /** Bytes that `elementFromUniform` and `scalarFromUniform` take. */
  readonly uniformElementLength: number;
  readonly uniformScalarLength: number;

  /** The hash of the group's suites, SHA-512 but for P-256, and its sizes in bytes as RFC 9380 §5.3.1 asks for them. */
  hash(message: Uint8Array): Uint8Array;
  readonly hashLength: number;
  readonly hashBlockLength: number;

  readonly generator: E;
  /** Only the canonical encoding of an element of the prime-order group; the identity decodes where it has one. */
  decodeElement(bytes: Uint8Array): E | undefined;
  encodeElement(element: E): Uint8Array;
  isIdentity(element: E): boolean;
  /** The group's own map from uniform bytes: RFC 9496 §4.3.4, RFC 9380 for P-256, ACS's map for ed25519. */
  elementFromUniform(bytes: Uint8Array): E;

  add(a: E, b: E): E;
  subtract(a: E, b: E): E;
  /** For a secret scalar, not zero, and an element that is not the identity. */
  multiply(element: E, secret: S): E;
  multiplyGenerator(secret: S): E;
  /**
   * `decodeElement`, then `multiply`, where both together cost no more than the second: an engine of bytes decodes
   * whatever it multiplies. `undefined` for what is no element, and for the identity. Left out where it gains nothing.
   */
  decodeAndMultiply?(bytes: Uint8Array, secret: S): { readonly element: E; readonly product: E } | undefined;
  /** `Σ scalarsᵢ · elementsᵢ`, in variable time: for public values only. */
  sumOfProducts(elements: readonly E[], scalars: readonly S[]): E;

  /** Only the canonical encoding of a scalar below the order; zero decodes. */
  decodeScalar(bytes: Uint8Array): S | undefined;
  encodeScalar(scalar: S): Uint8Array;
  isZero(scalar: S): boolean;
  equalScalars(a: S, b: S): boolean;
  /** Uniform bytes reduced modulo the order, in the group's byte order. */
  scalarFromUniform(bytes: Uint8Array): S;
  addScalars(a: S, b: S): S;
  subtractScalars(a: S, b: S): S;
  multiplyScalars(a: S, b: S): S;
  /** Not for zero. */
  invertScalar(secret: S): S;
}

export type GroupName = 'ristretto255' | 'ed25519' | 'P-256';

/** Where suites get their groups: one implementation of some of them. */
export interface Engine {
  /** For logs and metrics. */
  readonly name: string;
  /** `undefined` where this engine does not have the group. */
  group(name: GroupName): Group | undefined;
}
