/**
 * ACS's KDF by strong Diffie-Hellman inversion: the secret of attributes a is sk = 1 / (psk + H(a)).
 *
 *   primary key = psk ‖ ppk, ppk = psk·G        x = psk + H(a), X = x·G = ppk + H(a)·G, pk = 1/x · G
 *   proof: the discrete logs of (G, X) and (pk, G) are equal
 *
 * Whoever learns one derived secret knows psk = 1/sk - H(a), and with it all others.
 */
import { concatBytes, equalBytes, isBytes } from '@noble/curves/utils.js';

import { CredentialError } from '../errors.js';
import type { Group } from '../group.js';
import type { RandomBytes } from '../suite.js';
import { checkAttributes } from './attributes.js';
import { generatorOf, prove, verify } from './dleq.js';
import { decodeElement, decodeSecretScalar, encodeElement, tryDecodeElement } from '../encoding.js';
import { hashToScalar } from './hash.js';
import type { Kdf, SentKey } from './kdf.js';
import { randomScalar } from './random-scalar.js';

const SCALAR_LENGTH = 32;
const KEY_LENGTH = 64;

export function sdhiKdf<E, S>(group: Group<E, S>): Kdf {
  return {
    derivedKey: 'proven',
    generatePrimaryKey: (random) => {
      const psk = randomScalar(group, random);
      return concatBytes(group.encodeScalar(psk), group.encodeElement(group.multiplyGenerator(psk)));
    },
    primaryPublicKey: (primaryKey) => primaryPublicKey(group, primaryKey),
    deriveSecret: (primaryKey, attributes) =>
      group.encodeScalar(group.invertScalar(keyScalar(group, primaryKey, attributes))),
    proveKey: (primaryKey, attributes, random) => proveKey(group, primaryKey, attributes, random),
    verifyKey: (primaryPublicKey, sent) => verifyKey(group, primaryPublicKey, sent),
  };
}

function secretHalf<E, S>(group: Group<E, S>, primaryKey: Uint8Array): S {
  if (!isBytes(primaryKey) || primaryKey.length !== KEY_LENGTH) {
    throw new CredentialError('malformed_scalar', `primary key: expected ${KEY_LENGTH} bytes`);
  }
  return decodeSecretScalar(group, primaryKey.subarray(0, SCALAR_LENGTH), 'primary key');
}

function primaryPublicKey<E, S>(group: Group<E, S>, primaryKey: Uint8Array): Uint8Array {
  const ppk = group.encodeElement(group.multiplyGenerator(secretHalf(group, primaryKey)));
  if (!equalBytes(ppk, primaryKey.subarray(SCALAR_LENGTH))) {
    throw new CredentialError('malformed_element', 'primary key: its public half is not of its secret half');
  }
  return ppk;
}

/** x = psk + H(a) */
function keyScalar<E, S>(group: Group<E, S>, primaryKey: Uint8Array, attributes: readonly Uint8Array[]): S {
  checkAttributes(attributes);
  const x = group.addScalars(secretHalf(group, primaryKey), hashToScalar(group, ...attributes));
  if (group.isZero(x)) throw new CredentialError('zero_key', 'derived key: none, replace the primary key');
  return x;
}

function proveKey<E, S>(
  group: Group<E, S>,
  primaryKey: Uint8Array,
  attributes: readonly Uint8Array[],
  random: RandomBytes,
): Uint8Array {
  const x = keyScalar(group, primaryKey, attributes);
  const generator = generatorOf(group);
  const element = encodeElement(group, group.multiplyGenerator(x), 'key');
  const derived = encodeElement(group, group.multiplyGenerator(group.invertScalar(x)), 'derived key');
  const claim = [
    { base: generator, element },
    { base: derived, element: generator },
  ] as const;
  return prove(group, x, claim, randomScalar(group, random));
}

function verifyKey<E, S>(group: Group<E, S>, primaryPublicKey: Uint8Array, sent: SentKey): boolean {
  checkAttributes(sent.attributes);
  const { element: ppk } = decodeElement(group, primaryPublicKey, 'primary public key');
  const derived = tryDecodeElement(group, sent.public);
  const x = group.add(ppk, group.sumOfProducts([group.generator], [hashToScalar(group, ...sent.attributes)]));
  if (derived === undefined || group.isIdentity(x)) return false;
  const generator = generatorOf(group);
  const statement = [
    { base: generator, element: encodeElement(group, x, 'key') },
    { base: derived, element: generator },
  ] as const;
  return verify(group, statement, sent.proof);
}
