/** ACS's two ways to hide H(t) from the issuer. Either way the device ends with sk·H(t). */
import type { Group } from '../group.js';

/** `blind` is the random scalar r; all elements are decoded and not the identity. */
export interface BlindingMethod {
  blind<E, S>(group: Group<E, S>, hashed: E, blind: S): E;
  /** From the evaluated element Z = sk·M; meaningless unless it was proven under `publicKey`. */
  unblind<E, S>(group: Group<E, S>, evaluated: E, blind: S, publicKey: E): E;
}

export const BLINDINGS = Object.freeze({
  /** M = r·H(t), U = 1/r · Z */
  exp: {
    blind: (group, hashed, blind) => group.multiply(hashed, blind),
    unblind: (group, evaluated, blind) => group.multiply(evaluated, group.invertScalar(blind)),
  },
  /** M = H(t) + r·G, U = Z - r·pk */
  mul: {
    blind: (group, hashed, blind) => group.add(hashed, group.multiplyGenerator(blind)),
    unblind: (group, evaluated, blind, publicKey) => group.subtract(evaluated, group.multiply(publicKey, blind)),
  },
} as const satisfies Record<string, BlindingMethod>);

export type BlindingName = keyof typeof BLINDINGS;
export const BLINDING_NAMES = Object.keys(BLINDINGS) as readonly BlindingName[];
