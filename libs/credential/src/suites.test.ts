import { describe, expect, it } from '@jest/globals';

import { DEFAULT_SUITE, suiteOf } from './suites.js';
import { refusal } from './testing.js';

describe('suiteOf', () => {
  it('[CRD19] finds the default suite by its id', () => {
    expect(DEFAULT_SUITE).toBe('poprf-ristretto255-sha512');
    expect(suiteOf(DEFAULT_SUITE).id).toBe(DEFAULT_SUITE);
  });

  // Kills: a fallback to the default, which would let a manifest's typing error choose the suite.
  it.each(['', 'POPRF-ristretto255-sha512', 'poprf-ristretto255-sha512 ', '__proto__', 'constructor'])(
    '[CRD19] refuses %j',
    (id) => expect(refusal(() => suiteOf(id))).toBe('unknown_suite'),
  );
});
