import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { nobleEngine, type AcsVectorFile, type Engine } from '#credential';

import { runAcs } from './acs.js';
import { compact, makeVectors } from './make-acs-own.js';

const OWN = fileURLToPath(new URL('../../../test/vectors/acs-own.json', import.meta.url));
const own = makeVectors();
const EMPTY = {
  hash_to_curve: [],
  hash_to_scalar: [],
  dleq: [],
  primary_keys: [],
  cases: [],
  negative: [],
  quirks: [],
};

function run(file: object, engine: Engine = nobleEngine) {
  const lines: string[] = [];
  return { ...runAcs(file, (line) => lines.push(line), [engine]), lines };
}

describe('our own vectors of ACS', () => {
  // Kills: any change of bytes in a suite that its two sides agree on.
  it('[VEC1] all hold, in every list', () => {
    const { passed, failed, lines } = run(own);
    expect(lines).toEqual([
      'curves          2 passed, 0 failed',
      'hash_to_curve   6 passed, 0 failed',
      'hash_to_scalar  6 passed, 0 failed',
      'dleq            4 passed, 0 failed',
      'primary_keys    6 passed, 0 failed',
      'cases           10 passed, 0 failed',
      'negative        124 passed, 0 failed',
      'quirks          81 passed, 0 failed',
    ]);
    expect([passed, failed]).toEqual([239, 0]);
  });

  // Kills: a generator or a noble that no longer makes the committed bytes.
  it('[VEC1] are made again byte for byte', () => {
    expect(compact(own)).toEqual(JSON.parse(readFileSync(OWN, 'utf8')));
  });
});

/** The places of hex values, as paths. */
function places(value: object, path: readonly string[] = []): (readonly string[])[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, key];
    if (typeof inner === 'object' && inner !== null) return places(inner as object, here);
    return typeof inner === 'string' && /^([0-9a-f]{2})+$/.test(inner) ? [here] : [];
  });
}

/** A copy with one digit of the value at `path` changed. */
function mutant(file: object, path: readonly string[]): object {
  const copy = structuredClone(file);
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], copy);
  const key = path.at(-1) ?? '';
  const value = (parent as Record<string, string>)[key] ?? '';
  // The second digit: in most fields the first byte is a low one, which keeps scalars below the order.
  const changed = value.slice(0, 1) + (parseInt(value.charAt(1), 16) ^ 2).toString(16) + value.slice(2);
  (parent as Record<string, string>)[key] = changed;
  return copy;
}

/** All that the file has of one curve, blinding and KDF, without attempts. */
function part(curve: string, blinding: string, kdf: string): object {
  return {
    ...{ ...EMPTY, curves: {} },
    primary_keys: own.primary_keys.filter((key) => key.curve === curve && key.kdf === kdf),
    cases: own.cases.filter((vector) => [curve, blinding, kdf].join() === kindOf(vector)),
  };
}
const kindOf = ({ curve, blinding, kdf }: AcsVectorFile['cases'][number]) => [curve, blinding, kdf].join();

describe('a wrong value', () => {
  // Kills: a field that is read but not compared.
  it.each([
    ['ristretto', 'exp', 'sdhi', 20],
    ['ed25519', 'mul', 'default', 16],
  ])('[VEC2] anywhere in a run of %s, %s, %s makes a vector fail', (curve, blinding, kdf, count) => {
    const file = part(curve, blinding, kdf);
    expect(run(file).failed).toBe(0);
    const found = places(file);
    expect(found.filter((path) => run(mutant(file, path)).failed === 0)).toEqual([]);
    expect(found).toHaveLength(count);
  });

  it('[VEC2] in a key of 257 scalars, or in the nonces of its proof, makes a vector fail', () => {
    const file = part('ristretto', 'mul', 'naor_reingold');
    const key = ['primary_keys', '0', 'h_discrete_log'];
    expect(run(mutant({ ...file, cases: [] }, key)).failed).toBe(1);
    expect(run(mutant(file, ['cases', '0', 'pk_proof_nonces', '0'])).failed).toBe(1);
  });

  it('[VEC2] in a group, a hash or a proof makes it fail', () => {
    const { curves, hash_to_curve, hash_to_scalar, dleq } = own;
    const file = { ...EMPTY, curves, hash_to_curve, hash_to_scalar, dleq };
    const found = places(file);
    // In a proof that does not hold anyway, nothing shows.
    const seen = found.filter(([list, at]) => list !== 'dleq' || Number(at) % 2 === 0);
    expect(seen.filter((path) => run(mutant(file, path)).failed === 0)).toEqual([]);
    expect(seen).toHaveLength(4 + 12 + 12 + 16);
  });

  // Kills: an attempt whose verdict or output is not looked at.
  it('[VEC2] in what an attempt should come to makes it fail', () => {
    const base = part('ristretto', 'exp', 'sdhi');
    const joined = own.quirks.filter(({ c_output }) => c_output !== undefined).slice(0, 1);
    const attempts = (extra: object) => checked({ ...base, ...extra });
    expect(attempts({})).toEqual([]);
    expect(attempts({ quirks: joined.map((quirk) => ({ ...quirk, c_accepts: false })) })).toEqual([
      expect.stringMatching(/accepted$/),
    ]);
    expect(attempts({ quirks: [mutantOf(joined[0], ['c_output', 'pk'])] })).toEqual([
      expect.stringMatching(/pk differs$/),
    ]);
    const negative = own.negative.filter(({ base_case }) => base_case === 'ristretto-exp-sdhi').slice(0, 1);
    expect(attempts({ negative: negative.map((vector) => ({ ...vector, expect: true })) })).toEqual([
      expect.stringMatching(/refused$/),
    ]);
    expect(attempts({ negative: negative.map((vector) => ({ ...vector, base_case: 'none' })) })).toEqual([
      expect.stringMatching(/no case none$/),
    ]);
  });
});

const mutantOf = (value: object | undefined, path: readonly string[]) => mutant(value ?? {}, path);

/** The failures among the attempts. */
const checked = (file: object) => run(file).lines.filter((line) => /^FAIL {2}(negative|quirks) /.test(line));

describe('a file', () => {
  it('[VEC3] is skipped where the engine has not its group', () => {
    const only: Engine = { name: 'half', group: (name) => (name === 'ed25519' ? undefined : nobleEngine.group(name)) };
    const { curves, hash_to_curve } = own;
    expect(run({ ...EMPTY, curves, hash_to_curve }, only)).toMatchObject({ passed: 4, failed: 0, skipped: 4 });
  });

  it('[VEC4] of another form is refused, an unknown input of an attempt included', () => {
    const [negative] = own.negative;
    expect(() => run([])).toThrow(/expected object/);
    expect(() => run({ ...own, negative: [{ ...negative, inputs: { nonce: '00' } }] })).toThrow(/nonce/);
    expect(() => run({ ...own, cases: [{ ...own.cases[0], sk: 'XY' }] })).toThrow(/lowercase hex/);
  });
});
