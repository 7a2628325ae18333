/**
 * The suite `poprf-ristretto255-sha512`: RFC 9497 mode POPRF (0x02) over ristretto255 with SHA-512.
 * The attributes are the RFC's public `info`; the derived key is its tweaked key.
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { asciiToBytes, concatBytes, equalBytes, isBytes } from '@noble/curves/utils.js';

import { checkBatchSize, checkDistinct } from '../batch.js';
import { CredentialError } from '../errors.js';
import { checkInput, lengthPrefixed } from '../length-prefix.js';
import type {
  BlindState,
  Blinding,
  BlindingKey,
  CredentialSuite,
  DerivedKeyPair,
  Evaluation,
  RandomBytes,
} from '../suite.js';
import { prove, verify } from './dleq.js';
import {
  decodeElement,
  decodeSecretScalar,
  encodeElement,
  encodeScalar,
  hashToGroup,
  invertSecret,
  multiply,
  randomScalar,
  type Element,
} from './group.js';
import { prepareSecret, publicOf, tweakPublic, tweakSecret } from './tweak.js';

const ID = 'poprf-ristretto255-sha512';
const FINALIZE = asciiToBytes('Finalize');

/** RFC 9497 over ristretto255, bound to attributes; see `CredentialSuite` for what each function does. */
export const poprfRistretto255: CredentialSuite = Object.freeze({
  id: ID,
  generatePrimaryKey: (random: RandomBytes) => encodeScalar(randomScalar(random)),
  primaryPublicKey: (primaryKey: Uint8Array) => publicOf(primaryKey, 'primary key'),
  deriveKeyPair,
  verifyDerivedKey,
  derivePublicKey: tweakPublic,
  blind,
  evaluate,
  finalize,
  evaluateInput,
});

function deriveKeyPair(primaryKey: Uint8Array, attributes: Uint8Array): DerivedKeyPair {
  const secret = tweakSecret(primaryKey, attributes);
  // No proof: the device derives the public key itself.
  const proof = new Uint8Array(0);
  return { secret, public: publicOf(secret, 'derived key'), proof, attributes: Uint8Array.from(attributes) };
}

function verifyDerivedKey(
  primaryPublicKey: Uint8Array,
  attributes: Uint8Array,
  derivedPublic: Uint8Array,
  proof: Uint8Array,
): boolean {
  const expected = tweakPublic(primaryPublicKey, attributes);
  return isBytes(derivedPublic) && isBytes(proof) && proof.length === 0 && equalBytes(expected, derivedPublic);
}

/** RFC 9497 §3.3.3 Blind, once an input; 48 random bytes are drawn for each, in their order. */
function blind(inputs: readonly Uint8Array[], key: BlindingKey, random: RandomBytes): Blinding {
  checkBatchSize(inputs, 'inputs');
  for (const input of inputs) checkInput(input, 'input');
  checkInput(key.attributes, 'attributes');
  const { bytes: publicKey } = decodeElement(key.public, 'derived public key');

  const blinds: Uint8Array[] = [];
  const blinded: Uint8Array[] = [];
  for (const input of inputs) {
    const scalar = randomScalar(random);
    blinds.push(encodeScalar(scalar));
    blinded.push(encodeElement(multiply(hashToGroup(input), scalar), 'blinded element').bytes);
  }
  const state = { suite: ID, inputs: copies(inputs), blinds, blinded: copies(blinded), public: publicKey };
  return { state: { ...state, attributes: Uint8Array.from(key.attributes) }, blinded };
}

/** RFC 9497 §3.3.3 BlindEvaluate: evaluated = 1/t · blinded, and the proof that `blinded = t · evaluated`. */
function evaluate(keyPair: DerivedKeyPair, blinded: readonly Uint8Array[], random: RandomBytes): Evaluation {
  checkBatchSize(blinded, 'blinded elements');
  const d = blinded.map((bytes) => decodeElement(bytes, 'blinded element'));
  checkDistinct(blinded, 'blinded elements');
  const { t, inverse } = prepareSecret(keyPair.secret);

  const c = d.map(({ point }) => encodeElement(multiply(point, inverse), 'evaluated element'));
  return { evaluated: c.map(({ bytes }) => bytes), proof: prove(t, keyPair.public, { c, d }, random) };
}

/** RFC 9497 §3.3.3 Finalize, for the whole batch; the key is the one the device blinded for. */
function finalize(state: BlindState, evaluated: readonly Uint8Array[], proof: Uint8Array): Uint8Array[] {
  checkState(state);
  checkBatchSize(evaluated, 'evaluated elements');
  if (evaluated.length !== state.inputs.length) {
    throw new CredentialError('mismatched_batch', `${evaluated.length} evaluated, ${state.inputs.length} blinded`);
  }
  const c = evaluated.map((bytes) => decodeElement(bytes, 'evaluated element'));
  checkDistinct(evaluated, 'evaluated elements');
  const d = state.blinded.map((bytes) => decodeElement(bytes, 'blinded element'));
  const inverses = state.blinds.map((bytes) => invertSecret(decodeSecretScalar(bytes, 'blind')));
  const publicKey = decodeElement(state.public, 'derived public key');

  if (!isBytes(proof) || !verify(publicKey, { c, d }, proof)) {
    throw new CredentialError('invalid_proof', `the proof over ${c.length} evaluated elements does not hold`);
  }
  return c.map(({ point }, i) => {
    const [input, inverse] = [state.inputs[i], inverses[i]];
    if (input === undefined || inverse === undefined) throw new RangeError('state lists of unequal length');
    return output(input, state.attributes, multiply(point, inverse));
  });
}

/** RFC 9497 §3.3.3 Evaluate. */
function evaluateInput(
  { secret, attributes }: Pick<DerivedKeyPair, 'secret' | 'attributes'>,
  input: Uint8Array,
): Uint8Array {
  checkInput(input, 'input');
  checkInput(attributes, 'attributes');
  const { inverse } = prepareSecret(secret);
  return output(input, attributes, multiply(hashToGroup(input), inverse));
}

/** RFC 9497 §3.3.3: Hash(LP(input) ‖ LP(info) ‖ LP(unblinded element) ‖ "Finalize"), 64 bytes. */
function output(input: Uint8Array, info: Uint8Array, unblinded: Element): Uint8Array {
  const { bytes } = encodeElement(unblinded, 'unblinded element');
  return sha512(concatBytes(lengthPrefixed(input), lengthPrefixed(info), lengthPrefixed(bytes), FINALIZE));
}

/** A state comes back from storage: trust its types, not its shape. */
function checkState({ suite, inputs, blinds, blinded, attributes }: BlindState): void {
  if (suite !== ID) throw new CredentialError('unknown_suite', 'the blind state is of another suite');
  checkBatchSize(inputs, 'inputs');
  for (const input of inputs) checkInput(input, 'input');
  checkInput(attributes, 'attributes');
  if (blinds.length !== inputs.length || blinded.length !== inputs.length) {
    throw new CredentialError('mismatched_batch', 'the blind state holds lists of unequal length');
  }
}

const copies = (list: readonly Uint8Array[]): Uint8Array[] => list.map((bytes) => Uint8Array.from(bytes));
