/**
 * RFC 9497 §3.3.3: a key is tied to its attributes (`info`) by adding their hash.
 *
 *   t = k + H(info),   T = t·G = K + H(info)·G
 *
 * The device computes T from the pinned K alone; nothing about it has to be fetched or proven.
 */
import { asciiToBytes, concatBytes, equalBytes } from '@noble/curves/utils.js';

import { CredentialError } from '../errors.js';
import { checkInput, lengthPrefixed } from '../length-prefix.js';
import {
  GENERATOR,
  addScalars,
  decodeElement,
  decodeSecretScalar,
  encodeElement,
  encodeScalar,
  hashToScalar,
  invertSecret,
  multiply,
  sumOfProducts,
} from './group.js';

const INFO = asciiToBytes('Info');

/** m = HashToScalar("Info" ‖ LP(info)) */
function hashInfo(info: Uint8Array): bigint {
  checkInput(info, 'attributes');
  return hashToScalar(concatBytes(INFO, lengthPrefixed(info)));
}

/**
 * (Issuer) The tweaked secret t, 32 bytes. With `info` known it reveals k.
 *
 * @throws CredentialError `zero_key` when t = 0; RFC 9497 §3.3.3 takes that as a sign to replace k
 */
export function tweakSecret(primaryKey: Uint8Array, info: Uint8Array): Uint8Array {
  const t = addScalars(decodeSecretScalar(primaryKey, 'primary key'), hashInfo(info));
  if (t === 0n) throw new CredentialError('zero_key', 'derived key: zero, replace the primary key');
  return encodeScalar(t);
}

/**
 * (Device) The tweaked public key T, 32 bytes.
 *
 * @throws CredentialError `malformed_element`, `identity_element`, and `zero_key` when T is the identity
 */
export function tweakPublic(primaryPublicKey: Uint8Array, info: Uint8Array): Uint8Array {
  const { point } = decodeElement(primaryPublicKey, 'primary public key');
  const tweaked = point.add(sumOfProducts([GENERATOR], [hashInfo(info)]));
  if (tweaked.is0()) throw new CredentialError('zero_key', 'derived public key: the identity');
  return tweaked.toBytes();
}

/** `scalar · G`, encoded. */
export function publicOf(secret: Uint8Array, what: string): Uint8Array {
  return encodeElement(multiply(GENERATOR, decodeSecretScalar(secret, what)), what).bytes;
}

/** A decoded key: t, and 1/t, which costs a tenth of an evaluation. */
interface PreparedSecret {
  readonly bytes: Uint8Array;
  readonly t: bigint;
  readonly inverse: bigint;
}

/** Held no longer than the caller holds the key. */
const prepared = new WeakMap<Uint8Array, PreparedSecret>();

/** Decodes and inverts a derived secret, once for each key in memory. */
export function prepareSecret(secret: Uint8Array): PreparedSecret {
  const known = prepared.get(secret);
  // A caller may wipe or refill the array: then what is known of it is void.
  if (known !== undefined && equalBytes(known.bytes, secret)) return known;
  const t = decodeSecretScalar(secret, 'derived key');
  const fresh = { bytes: Uint8Array.from(secret), t, inverse: invertSecret(t) };
  prepared.set(secret, fresh);
  return fresh;
}
