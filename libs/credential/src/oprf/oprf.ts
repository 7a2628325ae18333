import { decodeSecretScalar } from '../encoding.js';
import type { Group } from '../group.js';
import type { RandomBytes } from '../suite.js';
import { contextOf } from './context.js';
import { blindAll, decodeRound, evaluateWith, multiplyBatch, unblindAll, type Blinds } from './steps.js';

/** RFC 9497 §3.3.1: a function of a secret and an input, computed without telling the one to the owner of the other. */
export interface Oprf {
  /** The RFC's name of the ciphersuite: `'ristretto255-SHA512'`. */
  readonly identifier: string;
  /** (Device) Hides the inputs, at most 65,535 bytes each; `blinded` goes to the issuer, the rest stays. */
  blind(inputs: readonly Uint8Array[], random: RandomBytes): Blinds;
  /** (Issuer) */
  evaluate(secret: Uint8Array, blinded: readonly Uint8Array[]): Uint8Array[];
  /** (Device) The outputs, as long as the suite's hash, in the order of the inputs. Nothing tells which key made them. */
  finalize(state: Blinds, evaluated: readonly Uint8Array[]): Uint8Array[];
  /** (Who holds the secret) The output of a known input. */
  evaluateInput(secret: Uint8Array, input: Uint8Array): Uint8Array;
}

/** @throws CredentialError `unknown_suite` for a group without a suite in the RFC */
export function oprf<E, S>(group: Group<E, S>): Oprf {
  const context = contextOf(group, 0);
  const decodeSecret = (secret: Uint8Array): S => decodeSecretScalar(group, secret, 'secret key');
  return Object.freeze({
    identifier: context.identifier,
    blind: (inputs: readonly Uint8Array[], random: RandomBytes) => blindAll(context, inputs, random),
    evaluate: (secret: Uint8Array, blinded: readonly Uint8Array[]) => {
      const { products } = multiplyBatch(group, blinded, decodeSecret(secret), 'blinded element');
      return products.map(({ bytes }) => bytes);
    },
    finalize: (state: Blinds, evaluated: readonly Uint8Array[]) =>
      unblindAll(context, state.inputs, decodeRound(context.group, state, evaluated)),
    evaluateInput: (secret: Uint8Array, input: Uint8Array) => evaluateWith(context, decodeSecret(secret), input),
  });
}
