/**
 * libsodium as the engine needs it: functions of addresses in one piece of memory that is ours, so that a call
 * copies nothing but its arguments. The WebAssembly build and the system's library both look like this.
 */

/** Where a call reads or writes: a number in the library's address space. */
export type Address = number;

/** A call's own answer: 0 when it did what it was asked. */
type Status = number;

/** One curve's functions. Elements and scalars have 32 bytes. */
export interface SodiumCurve {
  isValid(element: Address): number;
  fromUniform(result: Address, uniform: Address): Status;
  add(result: Address, a: Address, b: Address): Status;
  subtract(result: Address, a: Address, b: Address): Status;
  /** Constant time in the scalar. Refuses what is no element, and a result that is the identity. */
  multiply(result: Address, scalar: Address, element: Address): Status;
  multiplyGenerator(result: Address, scalar: Address): Status;
  /** 64 bytes to a scalar. */
  reduce(result: Address, wide: Address): void;
  addScalars(result: Address, a: Address, b: Address): void;
  subtractScalars(result: Address, a: Address, b: Address): void;
  multiplyScalars(result: Address, a: Address, b: Address): void;
  /** Constant time. Refuses zero. */
  invertScalar(result: Address, scalar: Address): Status;
}

export type SodiumCurveName = 'ristretto255' | 'ed25519';

export interface Sodium {
  /** The library's own word for it. */
  readonly version: string;
  /** `MEMORY_LENGTH` bytes that its functions reach, */
  readonly memory: Uint8Array;
  /** from here on. */
  readonly address: Address;
  readonly curves: Readonly<Record<SodiumCurveName, SodiumCurve>>;
  sha512(digest: Address, message: Address, length: number): Status;
  /** From so many pairs on, a public sum costs less than the library's multiplications. Measured. */
  readonly pairsOfSum: number;
}

/** Enough for every hash of an issuance or redemption whose attributes are of a usual size. */
export const MEMORY_LENGTH = 4096;

/** One of the library's functions by its C name, which takes so many addresses. */
export type FindFunction = (
  name: string,
  addresses: number,
  returns: 'int' | 'void',
) => (...addresses: Address[]) => number;

/** Its curves have the same functions but for what they call the map and the multiplication. */
export function findCurves(find: FindFunction): Sodium['curves'] {
  return {
    ristretto255: {
      ...findCore(find, 'ristretto255'),
      fromUniform: find('crypto_core_ristretto255_from_hash', 2, 'int'),
      multiply: find('crypto_scalarmult_ristretto255', 3, 'int'),
      multiplyGenerator: find('crypto_scalarmult_ristretto255_base', 2, 'int'),
    },
    ed25519: {
      ...findCore(find, 'ed25519'),
      fromUniform: find('crypto_core_ed25519_from_uniform', 2, 'int'),
      multiply: find('crypto_scalarmult_ed25519_noclamp', 3, 'int'),
      multiplyGenerator: find('crypto_scalarmult_ed25519_base_noclamp', 2, 'int'),
    },
  };
}

function findCore(find: FindFunction, curve: SodiumCurveName) {
  const core = `crypto_core_${curve}`;
  return {
    isValid: find(`${core}_is_valid_point`, 1, 'int'),
    add: find(`${core}_add`, 3, 'int'),
    subtract: find(`${core}_sub`, 3, 'int'),
    reduce: find(`${core}_scalar_reduce`, 2, 'void'),
    addScalars: find(`${core}_scalar_add`, 3, 'void'),
    subtractScalars: find(`${core}_scalar_sub`, 3, 'void'),
    multiplyScalars: find(`${core}_scalar_mul`, 3, 'void'),
    invertScalar: find(`${core}_scalar_invert`, 2, 'int'),
  };
}
