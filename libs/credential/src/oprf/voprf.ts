import { decodeSecretScalar } from '../encoding.js';
import type { Group } from '../group.js';
import { remember } from '../remember.js';
import type { Evaluation, RandomBytes } from '../suite.js';
import { contextOf } from './context.js';
import { checkProof, proofKey, prove } from './dleq.js';
import type { OprfKeyPair } from './key-pair.js';
import type { Oprf } from './oprf.js';
import { blindAll, decodeRound, evaluateWith, multiplyBatch, unblindAll, type Blinds } from './steps.js';

/** RFC 9497 §3.3.2: an OPRF whose evaluations prove which key made them. */
export interface Voprf extends Pick<Oprf, 'identifier' | 'blind' | 'evaluateInput'> {
  /** (Issuer) Evaluates a batch, with one proof for all of it. */
  evaluate(keyPair: OprfKeyPair, blinded: readonly Uint8Array[], random: RandomBytes): Evaluation;
  /**
   * (Device) Checks the proof, then takes the blinds off.
   *
   * @param publicKey  the issuer's, from anywhere but its answer
   * @throws CredentialError `invalid_proof` and nothing is unblinded
   */
  finalize(publicKey: Uint8Array, state: Blinds, evaluated: readonly Uint8Array[], proof: Uint8Array): Uint8Array[];
}

/** @throws CredentialError `unknown_suite` for a group without a suite in the RFC */
export function voprf<E, S>(group: Group<E, S>): Voprf {
  const context = contextOf(group, 1);
  const publicOf = remember((bytes) => proofKey(context, bytes));
  const decodeSecret = (secret: Uint8Array): S => decodeSecretScalar(group, secret, 'secret key');
  return Object.freeze({
    identifier: context.identifier,
    blind: (inputs: readonly Uint8Array[], random: RandomBytes) => blindAll(context, inputs, random),
    evaluate(keyPair: OprfKeyPair, blinded: readonly Uint8Array[], random: RandomBytes): Evaluation {
      const key = { k: decodeSecret(keyPair.secret), b: publicOf(keyPair.public) };
      const { elements: c, products: d } = multiplyBatch(group, blinded, key.k, 'blinded element');
      return { evaluated: d.map(({ bytes }) => bytes), proof: prove(context, key, { c, d }, random) };
    },
    finalize(publicKey: Uint8Array, state: Blinds, evaluated: readonly Uint8Array[], proof: Uint8Array): Uint8Array[] {
      const round = decodeRound(context.group, state, evaluated);
      checkProof(context, publicOf(publicKey), { c: round.blinded, d: round.evaluated }, proof);
      return unblindAll(context, state.inputs, round);
    },
    evaluateInput: (secret: Uint8Array, input: Uint8Array) => evaluateWith(context, decodeSecret(secret), input),
  });
}
