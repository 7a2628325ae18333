/** For this library's tests only; not exported by the front door. */
import { asciiToBytes, concatBytes, numberToBytesBE } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';

import { CredentialError } from './errors.js';
import type { CredentialSuite, RandomBytes } from './suite.js';

/** Predictable bytes: the same for the same seed, and never to be used for a real key. */
export function seededRandom(seed: string): RandomBytes {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const block = sha256(concatBytes(asciiToBytes(seed), numberToBytesBE(counter++, 4)));
      bytes.set(block.subarray(0, length - at), at);
    }
    return bytes;
  };
}

/** The code of the refusal, or `'accepted'`. Any other error is a mistake of ours and comes through. */
export function refusal(action: () => unknown): string {
  try {
    action();
    return 'accepted';
  } catch (error) {
    if (error instanceof CredentialError) return error.code;
    throw error;
  }
}

/** One issuance of a batch, with all that both sides know; the key is the one the device derives, where it can. */
export function issue(
  suite: CredentialSuite,
  random: RandomBytes,
  batch: number,
  attributes: Uint8Array = asciiToBytes('info'),
) {
  const primaryKey = suite.generatePrimaryKey(random);
  const primaryPublicKey = suite.primaryPublicKey(primaryKey);
  const keyPair = suite.deriveKeyPair(primaryKey, attributes);
  const inputs = Array.from({ length: batch }, () => random(32));
  const computed = suite.derivedKey === 'computed';
  const key = { public: computed ? suite.derivePublicKey(primaryPublicKey, attributes) : keyPair.public, attributes };
  const { state, blinded } = suite.blind(inputs, key, random);
  const { evaluated, proof } = suite.evaluate(keyPair, blinded, random);
  return { primaryKey, primaryPublicKey, keyPair, key, inputs, state, blinded, evaluated, proof };
}

/** A copy with one bit turned; bit 0 is the lowest of the first byte. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}
