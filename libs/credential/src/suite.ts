/**
 * What every credential suite can do: issue a token blindly and recognise it later.
 *
 *   issuer                                   device
 *   generatePrimaryKey, primaryPublicKey ──▶ pins the primary public key
 *   deriveKeyPair(primary, attributes)       derivePublicKey / verifyDerivedKey
 *                                        ◀── blind(inputs)
 *   evaluate(blinded) ─────────────────────▶ finalize(state) → outputs
 *   evaluateInput(input) → the same output, when the token is redeemed
 *
 * Bytes in, bytes out, nothing remembered between calls; randomness is the last argument, so that
 * vectors need no mocks. Inputs are never modified. Whatever is refused is a `CredentialError`.
 */

/** `length` fresh, uniform, secret bytes: the system's generator outside of tests. */
export type RandomBytes = (length: number) => Uint8Array;

/** The key of one set of attributes. As secret as the primary key: one can be computed from the other. */
export interface DerivedKeyPair {
  /** Secret scalar. */
  readonly secret: Uint8Array;
  /** Its public element, which proofs of evaluation are checked against. */
  readonly public: Uint8Array;
  /** Shows that `public` comes from the primary public key; empty where the device derives it itself. */
  readonly proof: Uint8Array;
  readonly attributes: Uint8Array;
}

/** The public half that a device blinds for: computed or verified by the device, never taken from the wire. */
export type BlindingKey = Pick<DerivedKeyPair, 'public' | 'attributes'>;

/**
 * What the device keeps between blinding and finalizing. Secret: with it, a token is linked to its issuance.
 * Plain bytes, so that it can be stored; all lists have one entry an input, in the same order.
 */
export interface BlindState {
  /** Id of the suite that made it. */
  readonly suite: string;
  readonly inputs: readonly Uint8Array[];
  readonly blinds: readonly Uint8Array[];
  readonly blinded: readonly Uint8Array[];
  readonly public: Uint8Array;
  readonly attributes: Uint8Array;
}

/** `state` stays on the device, `blinded` goes to the issuer. */
export interface Blinding {
  readonly state: BlindState;
  readonly blinded: Uint8Array[];
}

/** Evaluated elements in the order of the blinded ones, and what proves them: one proof for all, or one each. */
export interface Evaluation {
  readonly evaluated: Uint8Array[];
  readonly proof: Uint8Array;
}

export interface CredentialSuite {
  /** Name in manifests and in `info`. */
  readonly id: string;

  /**
   * How a device comes to the public key it blinds for. `computed`: `derivePublicKey` makes it from the pinned key.
   * `proven`: it is fetched with its proof, and `verifyDerivedKey` says whether it counts. `logged`: nothing in the
   * suite shows that it is right, `verifyDerivedKey` is always `false`, and the device must find it in a public log
   * that holds one key for all; otherwise an issuer could give each device a key of its own.
   */
  readonly derivedKey: 'computed' | 'proven' | 'logged';

  /** (Issuer) A fresh secret key; one belongs to one use case and suite. */
  generatePrimaryKey(random: RandomBytes): Uint8Array;

  /** (Issuer) What devices pin: one element, more of them, or nothing where derived keys are `logged`. */
  primaryPublicKey(primaryKey: Uint8Array): Uint8Array;

  /** (Issuer) The key pair of these attributes, at most 65,535 bytes. */
  deriveKeyPair(primaryKey: Uint8Array, attributes: Uint8Array): DerivedKeyPair;

  /**
   * (Device) Whether `derivedPublic` is the key of these attributes. Anything wrong in it or in `proof` is
   * `false`; a malformed primary public key throws, since it was pinned and not sent.
   */
  verifyDerivedKey(
    primaryPublicKey: Uint8Array,
    attributes: Uint8Array,
    derivedPublic: Uint8Array,
    proof: Uint8Array,
  ): boolean;

  /**
   * (Device) The public key of these attributes, computed from the pinned one.
   *
   * @throws CredentialError `underivable_key` in suites whose derived keys only the issuer can compute
   */
  derivePublicKey(primaryPublicKey: Uint8Array, attributes: Uint8Array): Uint8Array;

  /** (Device) Hides the inputs, at most 65,535 bytes each, from the issuer. */
  blind(inputs: readonly Uint8Array[], key: BlindingKey, random: RandomBytes): Blinding;

  /** (Issuer) Applies the derived key to a batch and proves that it was this key. */
  evaluate(keyPair: DerivedKeyPair, blinded: readonly Uint8Array[], random: RandomBytes): Evaluation;

  /**
   * (Device) Checks the proof, then takes the blinds off.
   *
   * @returns 64 bytes an input, in the order of the inputs
   * @throws CredentialError `invalid_proof` and nothing is unblinded
   */
  finalize(state: BlindState, evaluated: readonly Uint8Array[], proof: Uint8Array): Uint8Array[];

  /** (Who redeems) The output of a known input, equal to what `finalize` gave the device; 64 bytes. */
  evaluateInput(keyPair: Pick<DerivedKeyPair, 'secret' | 'attributes'>, input: Uint8Array): Uint8Array;
}
