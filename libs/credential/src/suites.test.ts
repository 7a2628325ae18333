import { describe, expect, it } from '@jest/globals';

import { nobleEngine } from './noble/noble-engine.js';
import { DEFAULT_SUITE, SUITE_IDS, suiteOf } from './suites.js';
import { refusal } from './testing.js';
import { engineOf } from './testing/bytes-group.js';
import { groupOf } from './testing/schemes.js';

describe('suiteOf', () => {
  it('[CRD19] finds every suite by its id, the default among them', () => {
    expect(DEFAULT_SUITE).toBe('poprf-ristretto255-sha512');
    expect(SUITE_IDS).toContain(DEFAULT_SUITE);
    expect(SUITE_IDS.map((id) => suiteOf(id).id)).toEqual(SUITE_IDS);
    expect(new Set(SUITE_IDS).size).toBe(SUITE_IDS.length);
  });

  // Kills: a fallback to the default, which would let a manifest's typing error choose the suite.
  it.each(['', 'POPRF-ristretto255-sha512', 'poprf-ristretto255-sha512 ', '__proto__', 'constructor'])(
    '[CRD19] refuses %j',
    (id) => expect(refusal(() => suiteOf(id))).toBe('unknown_suite'),
  );

  // Kills: a suite made at each call, which would forget what it computed of a key; one engine's suite for another.
  it('[CRD19] makes a suite once for each engine, and none of a group that the engine lacks', () => {
    const other = engineOf('other', [groupOf('ristretto255')]);
    expect(suiteOf(DEFAULT_SUITE, other)).toBe(suiteOf(DEFAULT_SUITE, other));
    expect(suiteOf(DEFAULT_SUITE, other)).not.toBe(suiteOf(DEFAULT_SUITE));
    expect(suiteOf(DEFAULT_SUITE)).toBe(suiteOf(DEFAULT_SUITE, nobleEngine));
    const without = engineOf('without', [groupOf('P-256')]);
    expect(refusal(() => suiteOf(DEFAULT_SUITE, without))).toBe('unknown_suite');
  });
});
