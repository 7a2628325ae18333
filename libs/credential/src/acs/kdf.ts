import type { CredentialSuite, RandomBytes } from '../suite.js';

/** The key of these attributes, so its sender says. */
export interface SentKey {
  readonly attributes: readonly Uint8Array[];
  readonly public: Uint8Array;
  readonly proof: Uint8Array;
}

/**
 * How the key of a list of attributes comes from a primary key. ACS's lists are ordered byte strings; `sdhi` and
 * `naor-reingold` only concatenate them, so that ("ab", "c") and ("a", "bc") have one key: pass one string whose
 * encoding is injective, such as `encodeAttributes` makes.
 */
export interface Kdf {
  readonly derivedKey: Exclude<CredentialSuite['derivedKey'], 'computed'>;

  generatePrimaryKey(random: RandomBytes): Uint8Array;

  /** @throws CredentialError `malformed_scalar`, `malformed_element`, `zero_key` for a key that cannot be one */
  primaryPublicKey(primaryKey: Uint8Array): Uint8Array;

  /**
   * The secret scalar of these attributes, encoded.
   *
   * @throws CredentialError as above, and `zero_key` when the scalar cannot be one
   */
  deriveSecret(primaryKey: Uint8Array, attributes: readonly Uint8Array[]): Uint8Array;

  /** Shows that the key of these attributes comes from the primary public key; nonces are taken from `random`. */
  proveKey(primaryKey: Uint8Array, attributes: readonly Uint8Array[], random: RandomBytes): Uint8Array;

  /** As `CredentialSuite.verifyDerivedKey`. */
  verifyKey(primaryPublicKey: Uint8Array, sent: SentKey): boolean;
}
