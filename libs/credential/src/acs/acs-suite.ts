/**
 * The suites `acs-<curve>-<blinding>-<kdf>`: Meta's Anonymous Credential Service, byte for byte, with the strictness
 * that its C library lacks. The attributes are one byte string, already injective, and the KDF's whole list.
 *
 * Its oblivious evaluation is "two-hash Diffie-Hellman": Z = sk·M for a blinded M, output SHA-512(t ‖ sk·H(t)).
 */
import { concatBytes } from '@noble/curves/utils.js';

import { decodeElement, decodeSecretScalar, encodeElement, publicOf, type EncodedElement } from '../encoding.js';
import { CredentialError } from '../errors.js';
import type { Group, GroupName } from '../group.js';
import { checkInput } from '../length-prefix.js';
import { checkInputs, copies, decodeRound, multiplyBatch } from '../oprf/steps.js';
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
import { BLINDINGS, type BlindingMethod, type BlindingName } from './blinding.js';
import { checkAll, proveAll } from './evaluation-proofs.js';
import { hashToElement } from './hash.js';
import type { Kdf } from './kdf.js';
import { kdfOf, type KdfName } from './kdfs.js';
import { keyProofNonces } from './key-proof-nonces.js';
import { randomScalars } from './random-scalar.js';

/** `'acs-ristretto255-mul-sdhi'` */
export const acsSuiteId = (group: GroupName, blinding: BlindingName, kdf: KdfName): string =>
  `acs-${group}-${blinding}-${kdf}`;

/** See `CredentialSuite` for what each function does. */
export function acsSuite<E, S>(group: Group<E, S>, blinding: BlindingName, kdf: KdfName): CredentialSuite {
  return Object.freeze(new AcsSuite(group, blinding, kdf));
}

class AcsSuite<E, S> implements CredentialSuite {
  readonly id: string;
  readonly derivedKey: Kdf['derivedKey'];
  readonly #kdf: Kdf;
  readonly #blinding: BlindingMethod;
  /** On edwards25519, decoding costs as much as a multiplication. */
  readonly #publicOf: (bytes: Uint8Array) => EncodedElement<E>;

  constructor(
    private readonly group: Group<E, S>,
    blinding: BlindingName,
    private readonly kdfName: KdfName,
  ) {
    this.id = acsSuiteId(group.name, blinding, kdfName);
    this.#kdf = kdfOf(kdfName, group);
    this.#blinding = BLINDINGS[blinding];
    this.derivedKey = this.#kdf.derivedKey;
    this.#publicOf = remember((bytes) => decodeElement(group, bytes, 'derived public key'));
  }

  generatePrimaryKey(random: RandomBytes): Uint8Array {
    return this.#kdf.generatePrimaryKey(random);
  }

  primaryPublicKey(primaryKey: Uint8Array): Uint8Array {
    return this.#kdf.primaryPublicKey(primaryKey);
  }

  deriveKeyPair(primaryKey: Uint8Array, attributes: Uint8Array): DerivedKeyPair {
    const { group, kdfName } = this;
    checkInput(attributes, 'attributes');
    const secret = this.#kdf.deriveSecret(primaryKey, [attributes]);
    const nonces = keyProofNonces(primaryKey, { group: group.name, kdf: kdfName, attributes });
    return {
      secret,
      public: publicOf(group, decodeSecretScalar(group, secret, 'derived key')),
      proof: this.#kdf.proveKey(primaryKey, [attributes], nonces),
      attributes: Uint8Array.from(attributes),
    };
  }

  verifyDerivedKey(
    primaryPublicKey: Uint8Array,
    attributes: Uint8Array,
    derivedPublic: Uint8Array,
    proof: Uint8Array,
  ): boolean {
    return this.#kdf.verifyKey(primaryPublicKey, { attributes: [attributes], public: derivedPublic, proof });
  }

  derivePublicKey(): never {
    throw new CredentialError('underivable_key', `${this.id}: only the issuer can compute derived keys`);
  }

  /** M for each input; at least 32 random bytes are drawn for each, in their order. */
  blind(inputs: readonly Uint8Array[], key: BlindingKey, random: RandomBytes): Blinding {
    const { group, id: suite } = this;
    checkInputs(inputs);
    checkInput(key.attributes, 'attributes');
    const { bytes } = this.#publicOf(key.public);
    const scalars = randomScalars(group, inputs.length, random);
    const blinded = inputs.map((input, i) => {
      const element = this.#blinding.blind(group, hashToElement(group, input), at(scalars, i));
      return encodeElement(group, element, 'blinded element').bytes;
    });
    const blinds = { blinds: scalars.map((scalar) => group.encodeScalar(scalar)), blinded: copies(blinded) };
    const bound = { public: Uint8Array.from(bytes), attributes: Uint8Array.from(key.attributes) };
    return { state: { suite, inputs: copies(inputs), ...blinds, ...bound }, blinded };
  }

  /** Z = sk·M for each, and a proof for each. */
  evaluate(keyPair: DerivedKeyPair, blinded: readonly Uint8Array[], random: RandomBytes): Evaluation {
    const { group } = this;
    const secret = decodeSecretScalar(group, keyPair.secret, 'derived key');
    const { bytes } = this.#publicOf(keyPair.public);
    const { elements, products: evaluated } = multiplyBatch(group, blinded, secret, 'blinded element');
    const proof = proveAll(group, { secret, public: bytes }, { blinded: elements, evaluated }, random);
    return { evaluated: evaluated.map((element) => element.bytes), proof };
  }

  /** Checks every proof under the key that was blinded for, then takes the blinds off. */
  finalize(state: BlindState, evaluated: readonly Uint8Array[], proof: Uint8Array): Uint8Array[] {
    const { group } = this;
    if (state.suite !== this.id) throw new CredentialError('unknown_suite', 'the blind state is of another suite');
    checkInput(state.attributes, 'attributes');
    const round = decodeRound(group, state, evaluated);
    const publicKey = this.#publicOf(state.public);
    checkAll(group, publicKey, round, proof);
    return round.evaluated.map(({ element }, i) => {
      const unblinded = this.#blinding.unblind(group, element, at(round.blinds, i), publicKey.element);
      return output(group, at(state.inputs, i), unblinded);
    });
  }

  evaluateInput({ secret, attributes }: Pick<DerivedKeyPair, 'secret' | 'attributes'>, input: Uint8Array): Uint8Array {
    const { group } = this;
    checkInput(input, 'input');
    checkInput(attributes, 'attributes');
    const scalar = decodeSecretScalar(group, secret, 'derived key');
    return output(group, input, group.multiply(hashToElement(group, input), scalar));
  }
}

/** SHA-512(t ‖ U), without lengths: U is as long as ever. The attributes are in it through the key alone. */
function output<E, S>(group: Group<E, S>, input: Uint8Array, unblinded: E): Uint8Array {
  return group.hash(concatBytes(input, encodeElement(group, unblinded, 'unblinded element').bytes));
}

function at<T>(list: readonly T[], i: number): T {
  const value = list[i];
  if (value === undefined) throw new RangeError('lists of unequal length');
  return value;
}
