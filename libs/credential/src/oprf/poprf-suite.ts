/**
 * The suites `poprf-…`: RFC 9497 mode POPRF (0x02), bound to attributes. The attributes are the RFC's public
 * `info`; the derived key is its tweaked key.
 */
import { equalBytes, isBytes } from '@noble/curves/utils.js';

import { decodeSecretScalar, publicOf, randomScalar } from '../encoding.js';
import { CredentialError } from '../errors.js';
import type { Group } from '../group.js';
import { checkInput } from '../length-prefix.js';
import { remember } from '../remember.js';
import type {
  BlindState,
  Blinding,
  BlindingKey,
  CredentialSuite,
  DerivedKeyPair,
  Evaluation,
  RandomBytes,
} from '../suite.js';
import { contextOf, type Context } from './context.js';
import { checkProof, proofKey, prove, type ProofKey } from './dleq.js';
import { blindAll, copies, decodeRound, evaluateWith, multiplyBatch, unblindAll } from './steps.js';
import { tweakPublic, tweakSecret } from './tweak.js';

/**
 * `poprf-ristretto255-sha512` over ristretto255; see `CredentialSuite` for what each function does. Outputs are
 * as long as the group's hash.
 *
 * @throws CredentialError `unknown_suite` for a group without a suite in the RFC
 */
export function poprfSuite<E, S>(group: Group<E, S>): CredentialSuite {
  return Object.freeze(new PoprfSuite(contextOf(group, 2)));
}

class PoprfSuite<E, S> implements CredentialSuite {
  readonly id: string;
  readonly derivedKey = 'computed';
  /** t, and 1/t, which costs a tenth of an evaluation. */
  readonly #secretOf: (secret: Uint8Array) => { readonly t: S; readonly inverse: S };
  readonly #publicOf: (bytes: Uint8Array) => ProofKey<E>;

  constructor(private readonly context: Context<E, S>) {
    const { group, identifier } = context;
    this.id = `poprf-${identifier.toLowerCase()}`;
    this.#publicOf = remember((bytes) => proofKey(context, bytes));
    this.#secretOf = remember((secret) => {
      const t = decodeSecretScalar(group, secret, 'derived key');
      return { t, inverse: group.invertScalar(t) };
    });
  }

  generatePrimaryKey(random: RandomBytes): Uint8Array {
    const { group } = this.context;
    return group.encodeScalar(randomScalar(group, random));
  }

  primaryPublicKey(primaryKey: Uint8Array): Uint8Array {
    const { group } = this.context;
    return publicOf(group, decodeSecretScalar(group, primaryKey, 'primary key'));
  }

  deriveKeyPair(primaryKey: Uint8Array, attributes: Uint8Array): DerivedKeyPair {
    const { group } = this.context;
    const t = tweakSecret(this.context, primaryKey, attributes);
    return {
      secret: group.encodeScalar(t),
      public: publicOf(group, t),
      // The device derives the public key itself.
      proof: new Uint8Array(0),
      attributes: Uint8Array.from(attributes),
    };
  }

  verifyDerivedKey(
    primaryPublicKey: Uint8Array,
    attributes: Uint8Array,
    derivedPublic: Uint8Array,
    proof: Uint8Array,
  ): boolean {
    const expected = this.derivePublicKey(primaryPublicKey, attributes);
    return isBytes(derivedPublic) && isBytes(proof) && proof.length === 0 && equalBytes(expected, derivedPublic);
  }

  derivePublicKey(primaryPublicKey: Uint8Array, attributes: Uint8Array): Uint8Array {
    return tweakPublic(this.context, primaryPublicKey, attributes);
  }

  /** RFC 9497 §3.3.3 Blind, once an input; one scalar is drawn for each, in their order. */
  blind(inputs: readonly Uint8Array[], key: BlindingKey, random: RandomBytes): Blinding {
    checkInput(key.attributes, 'attributes');
    const { bytes } = this.#publicOf(key.public);
    const blinds = blindAll(this.context, inputs, random);
    const { id: suite } = this;
    const state = { suite, ...blinds, public: Uint8Array.from(bytes), attributes: Uint8Array.from(key.attributes) };
    return { state, blinded: copies(blinds.blinded) };
  }

  /** RFC 9497 §3.3.3 BlindEvaluate: evaluated = 1/t · blinded, and the proof that `blinded = t · evaluated`. */
  evaluate(keyPair: DerivedKeyPair, blinded: readonly Uint8Array[], random: RandomBytes): Evaluation {
    const { t, inverse } = this.#secretOf(keyPair.secret);
    const b = this.#publicOf(keyPair.public);
    const { elements: d, products: c } = multiplyBatch(this.context.group, blinded, inverse, 'blinded element');
    return { evaluated: c.map(({ bytes }) => bytes), proof: prove(this.context, { k: t, b }, { c, d }, random) };
  }

  /** RFC 9497 §3.3.3 Finalize, for the whole batch; the key is the one the device blinded for. */
  finalize(state: BlindState, evaluated: readonly Uint8Array[], proof: Uint8Array): Uint8Array[] {
    if (state.suite !== this.id) throw new CredentialError('unknown_suite', 'the blind state is of another suite');
    checkInput(state.attributes, 'attributes');
    const round = decodeRound(this.context.group, state, evaluated);
    checkProof(this.context, this.#publicOf(state.public), { c: round.evaluated, d: round.blinded }, proof);
    return unblindAll(this.context, state.inputs, round, state.attributes);
  }

  /** RFC 9497 §3.3.3 Evaluate. */
  evaluateInput({ secret, attributes }: Pick<DerivedKeyPair, 'secret' | 'attributes'>, input: Uint8Array): Uint8Array {
    checkInput(attributes, 'attributes');
    return evaluateWith(this.context, this.#secretOf(secret).inverse, input, attributes);
  }
}
