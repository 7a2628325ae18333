import { asciiToBytes, concatBytes, isBytes } from '@noble/curves/utils.js';

import type { Group } from '../group.js';
import type { CredentialSuite, RandomBytes } from '../suite.js';
import { issue } from '../testing.js';
import type { Doors, Scheme } from './scheme.js';
import { suiteScheme } from './suite-scheme.js';

const info = asciiToBytes('info');

/** Nothing is derived from the primary public key, and primary keys are not scalars. */
export function acsScheme(suite: CredentialSuite, group: Group, random: RandomBytes): Scheme {
  const { elements, scalars, inputs, ...scheme } = suiteScheme(suite, group, random);
  const keys = suite.derivedKey === 'proven' ? keyDoors(suite, random) : { elements: {}, scalars: {} };
  return {
    ...scheme,
    elements: { ...without(elements, 'derivePublicKey', 'verifyDerivedKey'), ...keys.elements },
    scalars: { ...without(scalars, 'primaryPublicKey', 'deriveKeyPair'), ...keys.scalars },
    inputs: without(inputs, 'derivePublicKey'),
  };
}

/** Of sdhi: a primary key is a scalar and its element. */
function keyDoors(suite: CredentialSuite, random: RandomBytes): Pick<Scheme, 'elements' | 'scalars'> {
  const { primaryKey, primaryPublicKey, keyPair } = issue(suite, random, 1);
  return {
    elements: {
      verifyDerivedKey: (x) => suite.verifyDerivedKey(x, info, keyPair.public, keyPair.proof),
    },
    scalars: {
      primaryPublicKey: (x) => suite.primaryPublicKey(before(x, primaryKey.subarray(32))),
      deriveKeyPair: (x) => suite.deriveKeyPair(before(x, primaryPublicKey), info),
    },
  };
}

/** What is not bytes comes as it is. */
const before = (x: Uint8Array, rest: Uint8Array): Uint8Array => (isBytes(x) ? concatBytes(x, rest) : x);

const without = <T>(doors: Doors<T>, ...names: readonly string[]): Doors<T> =>
  Object.fromEntries(Object.entries(doors).filter(([name]) => !names.includes(name)));
