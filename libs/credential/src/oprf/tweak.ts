/**
 * RFC 9497 §3.3.3: a key is tied to its attributes (`info`) by adding their hash.
 *
 *   t = k + H(info),   T = t·G = K + H(info)·G
 *
 * The device computes T from the pinned K alone; nothing about it has to be fetched or proven.
 */
import { asciiToBytes, concatBytes } from '@noble/curves/utils.js';

import { decodeElement, decodeSecretScalar } from '../encoding.js';
import { CredentialError } from '../errors.js';
import { checkInput, lengthPrefixed } from '../length-prefix.js';
import type { Context } from './context.js';

const INFO = asciiToBytes('Info');

/** m = HashToScalar("Info" ‖ LP(info)) */
function hashInfo<E, S>({ hashToScalar }: Context<E, S>, info: Uint8Array): S {
  checkInput(info, 'attributes');
  return hashToScalar(concatBytes(INFO, lengthPrefixed(info)));
}

/**
 * (Issuer) The tweaked secret t. With `info` known it reveals k.
 *
 * @throws CredentialError `zero_key` when t = 0; RFC 9497 §3.3.3 takes that as a sign to replace k
 */
export function tweakSecret<E, S>(context: Context<E, S>, primaryKey: Uint8Array, info: Uint8Array): S {
  const { group } = context;
  const t = group.addScalars(decodeSecretScalar(group, primaryKey, 'primary key'), hashInfo(context, info));
  if (group.isZero(t)) throw new CredentialError('zero_key', 'derived key: zero, replace the primary key');
  return t;
}

/**
 * (Device) The tweaked public key T, encoded.
 *
 * @throws CredentialError `malformed_element`, `identity_element`, and `zero_key` when T is the identity
 */
export function tweakPublic<E, S>(context: Context<E, S>, primaryPublicKey: Uint8Array, info: Uint8Array): Uint8Array {
  const { group } = context;
  const { element } = decodeElement(group, primaryPublicKey, 'primary public key');
  const tweaked = group.add(element, group.sumOfProducts([group.generator], [hashInfo(context, info)]));
  if (group.isIdentity(tweaked)) throw new CredentialError('zero_key', 'derived public key: the identity');
  return group.encodeElement(tweaked);
}
