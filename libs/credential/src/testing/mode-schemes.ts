import { asciiToBytes } from '@noble/curves/utils.js';

import type { Group } from '../group.js';
import { generateKeyPair } from '../oprf/key-pair.js';
import { oprf } from '../oprf/oprf.js';
import { voprf } from '../oprf/voprf.js';
import type { RandomBytes } from '../suite.js';
import type { Scheme, Two } from './scheme.js';

const info = asciiToBytes('info');

export function oprfScheme(group: Group, random: RandomBytes): Scheme {
  const mode = oprf(group);
  const { secret } = generateKeyPair(group, random);
  const state = mode.blind([random(32), random(32)], random);
  const blinded = state.blinded as unknown as Two;
  const evaluated = mode.evaluate(secret, blinded) as unknown as Two;
  return {
    ...{ name: `${mode.identifier} OPRF`, group, blinded, evaluated },
    elements: {
      'evaluate: blinded': (x) => mode.evaluate(secret, [x]),
      'finalize: evaluated': (x) => mode.finalize(state, [x, evaluated[1]]),
      'finalize: blinded': (x) => mode.finalize({ ...state, blinded: [x, blinded[1]] }, evaluated),
    },
    scalars: {
      'evaluate: secret': (x) => mode.evaluate(x, blinded),
      evaluateInput: (x) => mode.evaluateInput(x, info),
      'finalize: blinds': (x) => mode.finalize({ ...state, blinds: [x, x] }, evaluated),
    },
    inputs: { blind: (x) => mode.blind([x], random), evaluateInput: (x) => mode.evaluateInput(secret, x) },
    batches: {
      blind: (batch) => mode.blind(batch, random),
      evaluate: (batch) => mode.evaluate(secret, batch),
      finalize: (batch) => mode.finalize(state, batch),
    },
    randomness: { generateKeyPair: (bad) => generateKeyPair(group, bad), blind: (bad) => mode.blind([info], bad) },
    unequalState: () => mode.finalize({ ...state, blinds: state.blinds.slice(1) }, evaluated),
  };
}

export function voprfScheme(group: Group, random: RandomBytes): Scheme {
  const mode = voprf(group);
  const keyPair = generateKeyPair(group, random);
  const state = mode.blind([random(32), random(32)], random);
  const blinded = state.blinded as unknown as Two;
  const { proof, ...evaluation } = mode.evaluate(keyPair, blinded, random);
  const evaluated = evaluation.evaluated as unknown as Two;
  const finalize = (changed: Partial<typeof state>) =>
    mode.finalize(keyPair.public, { ...state, ...changed }, evaluated, proof);
  return {
    ...{ name: `${mode.identifier} VOPRF`, group, blinded, evaluated },
    elements: {
      'evaluate: blinded': (x) => mode.evaluate(keyPair, [x], random),
      'evaluate: public': (x) => mode.evaluate({ ...keyPair, public: x }, blinded, random),
      'finalize: evaluated': (x) => mode.finalize(keyPair.public, state, [x, evaluated[1]], proof),
      'finalize: blinded': (x) => finalize({ blinded: [x, blinded[1]] }),
      'finalize: public': (x) => mode.finalize(x, state, evaluated, proof),
    },
    scalars: {
      'evaluate: secret': (x) => mode.evaluate({ ...keyPair, secret: x }, blinded, random),
      evaluateInput: (x) => mode.evaluateInput(x, info),
      'finalize: blinds': (x) => finalize({ blinds: [x, x] }),
    },
    inputs: { blind: (x) => mode.blind([x], random), evaluateInput: (x) => mode.evaluateInput(keyPair.secret, x) },
    batches: {
      blind: (batch) => mode.blind(batch, random),
      evaluate: (batch) => mode.evaluate(keyPair, batch, random),
      finalize: (batch) => mode.finalize(keyPair.public, state, batch, proof),
    },
    randomness: {
      blind: (bad) => mode.blind([info], bad),
      evaluate: (bad) => mode.evaluate(keyPair, blinded, bad),
    },
    unequalState: () => finalize({ blinds: state.blinds.slice(1) }),
  };
}
