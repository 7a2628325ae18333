import { asciiToBytes } from '@noble/curves/utils.js';

import type { Group } from '../group.js';
import type { CredentialSuite, RandomBytes } from '../suite.js';
import { issue } from '../testing.js';
import type { Doors, Scheme, Two } from './scheme.js';

export type Issuance = ReturnType<typeof issue>;

const info = asciiToBytes('info');

export function suiteScheme(suite: CredentialSuite, group: Group, random: RandomBytes): Scheme {
  const good = issue(suite, random, 2);
  const { key, keyPair, state, blinded, evaluated, proof } = good;
  return {
    name: suite.id,
    group,
    blinded: blinded as unknown as Two,
    evaluated: evaluated as unknown as Two,
    elements: elementDoors(suite, good, random),
    scalars: scalarDoors(suite, good, random),
    inputs: inputDoors(suite, good, random),
    batches: {
      blind: (batch) => suite.blind(batch, key, random),
      evaluate: (batch) => suite.evaluate(keyPair, batch, random),
      finalize: (batch) => suite.finalize(state, batch, proof),
    },
    randomness: {
      generatePrimaryKey: (bad) => suite.generatePrimaryKey(bad),
      blind: (bad) => suite.blind([info], key, bad),
      evaluate: (bad) => suite.evaluate(keyPair, blinded, bad),
    },
    unequalState: () => suite.finalize({ ...state, blinds: state.blinds.slice(1) }, evaluated, proof),
  };
}

function elementDoors(suite: CredentialSuite, good: Issuance, random: RandomBytes): Doors {
  const { keyPair, state, evaluated, proof } = good;
  const [b0, b1] = good.blinded as unknown as Two;
  const [, e1] = evaluated as unknown as Two;
  return {
    'evaluate: blinded': (x) => suite.evaluate(keyPair, [x], random),
    'evaluate: second blinded': (x) => suite.evaluate(keyPair, [b0, x], random),
    'evaluate: public': (x) => suite.evaluate({ ...keyPair, public: x }, [b0], random),
    'finalize: evaluated': (x) => suite.finalize(state, [x, e1], proof),
    'finalize: state.blinded': (x) => suite.finalize({ ...state, blinded: [x, b1] }, evaluated, proof),
    'finalize: state.public': (x) => suite.finalize({ ...state, public: x }, evaluated, proof),
    'blind: key.public': (x) => suite.blind([info], { public: x, attributes: info }, random),
    derivePublicKey: (x) => suite.derivePublicKey(x, info),
    verifyDerivedKey: (x) => suite.verifyDerivedKey(x, info, keyPair.public, new Uint8Array(0)),
  };
}

function scalarDoors(suite: CredentialSuite, good: Issuance, random: RandomBytes): Doors {
  const { keyPair, state, blinded, evaluated, proof } = good;
  return {
    primaryPublicKey: (x) => suite.primaryPublicKey(x),
    deriveKeyPair: (x) => suite.deriveKeyPair(x, info),
    evaluateInput: (x) => suite.evaluateInput({ secret: x, attributes: info }, info),
    'evaluate: secret': (x) => suite.evaluate({ ...keyPair, secret: x }, blinded, random),
    'finalize: state.blinds': (x) => suite.finalize({ ...state, blinds: [x, x] }, evaluated, proof),
  };
}

function inputDoors(suite: CredentialSuite, good: Issuance, random: RandomBytes): Doors {
  const { key, keyPair, primaryKey, primaryPublicKey } = good;
  return {
    blind: (x) => suite.blind([x], key, random),
    'blind: attributes': (x) => suite.blind([info], { ...key, attributes: x }, random),
    deriveKeyPair: (x) => suite.deriveKeyPair(primaryKey, x),
    derivePublicKey: (x) => suite.derivePublicKey(primaryPublicKey, x),
    evaluateInput: (x) => suite.evaluateInput(keyPair, x),
    'evaluateInput: attributes': (x) => suite.evaluateInput({ ...keyPair, attributes: x }, info),
  };
}
