import { describe, expect, it } from '@jest/globals';
import { asciiToBytes } from '@noble/curves/utils.js';

import type { Group } from './group.js';
import { generateKeyPair } from './oprf/key-pair.js';
import { poprfSuite } from './oprf/poprf-suite.js';
import { voprf } from './oprf/voprf.js';
import { issue, seededRandom } from './testing.js';
import { bytesGroup, type Calls } from './testing/bytes-group.js';
import { RFC9497_GROUPS } from './testing/schemes.js';

const info = asciiToBytes('info');

/** What was called while `action` ran. */
function during(calls: Calls, action: () => unknown): Calls {
  for (const name of Object.keys(calls) as (keyof Group)[]) delete calls[name];
  action();
  return { ...calls };
}

describe.each(RFC9497_GROUPS)('an engine with another form of $name', (noble) => {
  const { group, calls } = bytesGroup(noble);

  // Kills: a suite that counts on elements being points, or on scalars being numbers.
  it('[CRD23] gives every suite and mode the same bytes', () => {
    for (const batch of [1, 2, 3]) {
      const [one, two] = [noble, group].map((group) => {
        const suite = poprfSuite(group);
        const random = seededRandom('engine');
        const { keyPair, state, evaluated, proof, inputs } = issue(suite, random, batch);
        const outputs = suite.finalize(state, evaluated, proof);
        const pair = generateKeyPair(group, random);
        const mode = voprf(group);
        const blinds = mode.blind(inputs, random);
        const evaluation = mode.evaluate(pair, blinds.blinded, random);
        const others = mode.finalize(pair.public, blinds, evaluation.evaluated, evaluation.proof);
        return { keyPair, state, evaluated, proof, outputs, pair, blinds, evaluation, others };
      });
      expect(two).toEqual(one);
    }
  });

  // Kills: Z as a second sum, t3 by way of t2, an element decoded twice, the public key decoded at each call.
  it('[CRD23] multiplies once an element, and three times for the proof of them all', () => {
    const suite = poprfSuite(group);
    const random = seededRandom('count');
    for (const n of [1, 2, 5]) {
      const { keyPair, blinded } = issue(suite, random, n);
      const { multiply, multiplyGenerator, sumOfProducts, decodeElement, ...rest } = during(calls, () =>
        suite.evaluate(keyPair, blinded, random),
      );
      // Each element; Z = k·M and t3 = r·M; t2 = r·G.
      expect({ multiply, multiplyGenerator, sumOfProducts }).toEqual({
        multiply: n + 2,
        multiplyGenerator: 1,
        sumOfProducts: 1,
      });
      expect(decodeElement).toBe(n);
      expect([rest.add, rest.subtract, rest.invertScalar]).toEqual([undefined, undefined, undefined]);
      expect(rest.encodeElement).toBe(n + 4);
    }
  });

  // Kills: a key inverted at each redemption, or an element decoded that was only just computed.
  it('[CRD23] multiplies once to redeem, and inverts a key once', () => {
    const suite = poprfSuite(group);
    const keyPair = suite.deriveKeyPair(suite.generatePrimaryKey(seededRandom('redeem')), info);
    const { invertScalar } = during(calls, () => suite.evaluateInput(keyPair, info));
    const again = during(calls, () => suite.evaluateInput(keyPair, info));
    expect([invertScalar, again.invertScalar]).toEqual([1, undefined]);
    const { multiply, elementFromUniform, encodeElement, decodeElement } = again;
    expect([multiply, elementFromUniform, encodeElement, decodeElement]).toEqual([1, 1, 1, undefined]);
  });
});
