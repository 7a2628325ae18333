import type { Group } from '../group.js';
import { generateKeyPair } from '../oprf/key-pair.js';
import { voprf } from '../oprf/voprf.js';
import type { CredentialSuite, Evaluation, RandomBytes } from '../suite.js';
import { issue } from '../testing.js';
import { ACS_SUITES, RFC9497_GROUPS, SUITES } from './schemes.js';

/** One issuance under a fresh key. */
interface Play extends Evaluation {
  /** The scalar that the proof is about. */
  readonly secret: Uint8Array;
  /** The device's answer to whatever is said to be evaluated and proven. */
  finalize(evaluated: readonly Uint8Array[], proof: Uint8Array): Uint8Array[];
  /** Another issuance of the same inputs under the same key. */
  again(): Evaluation;
  /** The same blinded elements under another key. */
  underAnotherKey(): Evaluation;
}

/** A suite or a mode whose evaluations are proven. */
export interface Prover {
  readonly name: string;
  readonly group: Group;
  play(random: RandomBytes, batch: number): Play;
}

export const PROVERS: readonly Prover[] = [
  ...[...SUITES, ...ACS_SUITES].map(({ suite, group }) => suiteProver(suite, group)),
  ...RFC9497_GROUPS.map((group) => voprfProver(group)),
];

function suiteProver(suite: CredentialSuite, group: Group): Prover {
  return {
    name: suite.id,
    group,
    play: (random, batch) => {
      const { state, keyPair, key, inputs, blinded, evaluated, proof } = issue(suite, random, batch);
      const other = () => suite.deriveKeyPair(suite.generatePrimaryKey(random), key.attributes);
      return {
        evaluated,
        proof,
        secret: keyPair.secret,
        finalize: (evaluated, proof) => suite.finalize(state, evaluated, proof),
        again: () => suite.evaluate(keyPair, suite.blind(inputs, key, random).blinded, random),
        underAnotherKey: () => suite.evaluate(other(), blinded, random),
      };
    },
  };
}

function voprfProver(group: Group): Prover {
  const mode = voprf(group);
  return {
    name: `${mode.identifier} VOPRF`,
    group,
    play: (random, batch) => {
      const keyPair = generateKeyPair(group, random);
      const inputs = Array.from({ length: batch }, () => random(32));
      const state = mode.blind(inputs, random);
      return {
        ...mode.evaluate(keyPair, state.blinded, random),
        secret: keyPair.secret,
        finalize: (evaluated, proof) => mode.finalize(keyPair.public, state, evaluated, proof),
        again: () => mode.evaluate(keyPair, mode.blind(inputs, random).blinded, random),
        underAnotherKey: () => mode.evaluate(generateKeyPair(group, random), state.blinded, random),
      };
    },
  };
}
