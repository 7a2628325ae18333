/** The proofs of a batch: one an element, 64 bytes each, in the order of the elements. */
import { concatBytes, isBytes } from '@noble/curves/utils.js';

import type { EncodedElement } from '../encoding.js';
import { CredentialError } from '../errors.js';
import type { Group } from '../group.js';
import type { RandomBytes } from '../suite.js';
import { PROOF_LENGTH, generatorOf, prove, verify } from './dleq.js';
import { randomScalars } from './random-scalar.js';

/** Two lists of equal length. */
interface Batch<E> {
  readonly blinded: readonly EncodedElement<E>[];
  readonly evaluated: readonly EncodedElement<E>[];
}

/**
 * (Issuer) Shows for each element that `evaluated = secret · blinded` and `public = secret · G`.
 *
 * @param key  a public key that is not the secret's gives proofs that nobody accepts
 * @param random  at least 32 bytes are drawn for each nonce
 */
export function proveAll<E, S>(
  group: Group<E, S>,
  key: { readonly secret: S; readonly public: Uint8Array },
  { blinded, evaluated }: Batch<E>,
  random: RandomBytes,
): Uint8Array {
  const keyPair = { base: generatorOf(group), element: { bytes: key.public } };
  const nonces = randomScalars(group, blinded.length, random);
  return concatBytes(
    ...nonces.map((nonce, i) =>
      prove(group, key.secret, [keyPair, { base: at(blinded, i), element: at(evaluated, i) }], nonce),
    ),
  );
}

/** (Device) @throws CredentialError `invalid_proof` unless every proof holds */
export function checkAll<E, S>(
  group: Group<E, S>,
  publicKey: EncodedElement<E>,
  { blinded, evaluated }: Batch<E>,
  proof: Uint8Array,
): void {
  const key = { base: generatorOf(group), element: publicKey };
  const holds =
    isBytes(proof) &&
    proof.length === blinded.length * PROOF_LENGTH &&
    blinded.every((base, i) =>
      verify(
        group,
        [key, { base, element: at(evaluated, i) }],
        proof.subarray(i * PROOF_LENGTH, (i + 1) * PROOF_LENGTH),
      ),
    );
  if (!holds) throw new CredentialError('invalid_proof', `not all proofs of ${blinded.length} elements hold`);
}

function at<T>(list: readonly T[], i: number): T {
  const value = list[i];
  if (value === undefined) throw new RangeError('lists of unequal length');
  return value;
}
