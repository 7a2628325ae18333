import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from '@jest/globals';

import {
  Rfc9497File,
  checkRfc9497Vector,
  hasRfc9497Suite,
  nobleEngine,
  type Engine,
  type Group,
  type GroupName,
  type Rfc9497Suite,
} from '#credential';

import { makeVectors } from './make-poprf-own.js';
import { main } from './run.js';

const OWN = fileURLToPath(new URL('../../../test/vectors/poprf-own.json', import.meta.url));
const suites = Rfc9497File.parse(JSON.parse(readFileSync(OWN, 'utf8')));
const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command and returns what it printed. */
function run(...args: string[]) {
  const [lines, errors]: [string[], string[]] = [[], []];
  const code = main(args, { log: (line) => lines.push(line), error: (line) => errors.push(line) });
  return { code, lines, errors: errors.join('\n'), last: lines.at(-1) };
}

function fileOf(content: unknown): string {
  const path = join(folder, 'vectors.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('our own vectors', () => {
  it('[VEC1] all hold', () => {
    const { code, last, lines } = run('rfc9497', OWN);
    expect([code, last, lines.length]).toEqual([0, '18 passed, 0 failed', 19]);
  });

  // Kills: a generator or a noble that no longer makes the committed bytes.
  it('[VEC1] are made again byte for byte', () => expect(makeVectors()).toEqual(suites));
});

/** The places of hex values in a suite with one vector, as [object, key]. */
function places(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = path === '' ? key : `${path}.${key}`;
    if (typeof inner === 'object' && inner !== null) return places(inner as object, here);
    return typeof inner === 'string' && /^[0-9a-f,]*[0-9a-f]$/.test(inner) ? [here] : [];
  });
}

/** A copy with one hex digit of each element of the value at `path` changed, one copy an element. */
function mutants(suite: Rfc9497Suite, path: string): Rfc9497Suite[] {
  const keys = path.split('.');
  const valueAt = (root: object) => keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], root);
  const elements = String(valueAt(suite)).split(',');
  return elements.map((element, i) => {
    const copy = structuredClone(suite);
    const parent = keys.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], copy);
    // The second digit: in most fields the first byte is a low one, which keeps scalars below the order.
    const changed = element.slice(0, 1) + (parseInt(element.charAt(1), 16) ^ 2).toString(16) + element.slice(2);
    (parent as Record<string, string>)[keys.at(-1) ?? ''] = elements.with(i, changed).join(',');
    return copy;
  });
}

describe('a wrong value', () => {
  // Kills: a field, or a later element of a batch, that is read but not compared.
  it.each(suites)('[VEC2] anywhere makes a vector of $identifier mode $mode fail', (suite) => {
    const one = { ...suite, vectors: suite.vectors.slice(1, 2) };
    const found = places(one).map((path) => ({ path, survivors: mutants(one, path).filter(holds).length }));
    expect(found.filter(({ survivors }) => survivors > 0)).toEqual([]);
    // Header 4, 5 with the public key; five lists; info and proof with its nonce where the mode has them.
    expect(found).toHaveLength([9, 12, 12][suite.mode] ?? 0);
  });

  it.each(suites)('[VEC2] in the info makes a vector of mode $mode fail, where it has one', (suite) => {
    const one = { ...suite, vectors: suite.vectors.slice(0, 1) };
    const tried = one.vectors[0]?.Info === undefined ? [] : mutants(one, 'vectors.0.Info');
    expect(tried).toHaveLength(suite.mode === 2 ? 1 : 0);
    expect(tried.filter(holds)).toEqual([]);
  });

  it('[VEC2] changes the answer and the exit code of the command', () => {
    const [suite] = suites as [Rfc9497Suite];
    const [wrong] = mutants(suite, 'vectors.2.Output') as [Rfc9497Suite];
    const { code, last, lines } = run('rfc9497', fileOf([wrong]));
    expect([code, last]).toEqual([1, '2 passed, 1 failed']);
    expect(lines[2]).toMatch(/^FAIL {2}ristretto255-SHA512 OPRF vector 3, batch 5: .*Output \(finalize\)\[0\] differs/);
  });

  it('[VEC2] is also one that is missing, or a batch of another size', () => {
    const suite = structuredClone(suites[2]) as Rfc9497Suite;
    const [vector] = suite.vectors as [Rfc9497Suite['vectors'][number]];
    const { Info: _, ...withoutInfo } = vector;
    const { Proof: __, ...withoutProof } = vector;
    const { pkSm: ___, ...withoutKey } = suite;
    expect(checkRfc9497Vector(suite, withoutInfo)).toEqual(['Info: missing']);
    expect(checkRfc9497Vector(suite, withoutProof)).toEqual(['Proof: missing']);
    expect(checkRfc9497Vector(withoutKey, vector)).toEqual([
      "noble's OPRF: pkSm differs",
      'ours over noble: pkSm differs',
    ]);
    expect(checkRfc9497Vector(suite, { ...vector, Batch: 2 })).toHaveLength(5);
    expect(checkRfc9497Vector({ ...suite, hash: 'SHA256' }, vector)).toEqual(['hash differs']);
  });
});

const holds = (suite: Rfc9497Suite) => suite.vectors.every((vector) => checkRfc9497Vector(suite, vector).length === 0);

describe('an engine', () => {
  const group = (name: GroupName): Group => {
    const found = nobleEngine.group(name);
    if (found === undefined) throw new RangeError(`noble has no ${name}`);
    return found;
  };
  const engineOf = (name: string, change: Partial<Group>): Engine => ({
    name,
    group: (wanted) => ({ ...group(wanted), ...change }),
  });

  // Kills: an engine that is passed on but never computed with, and a mode that runs through noble alone.
  it.each(suites)('[VEC5] with a fault is found out by every vector of $identifier mode $mode', (suite) => {
    const { multiply, hash } = group(suite.identifier === 'P256-SHA256' ? 'P-256' : 'ristretto255');
    const faults: Partial<Group>[] = [
      { multiply: (element, secret) => multiply(multiply(element, secret), secret) },
      { hash: (message) => hash(hash(message)) },
    ];
    for (const vector of suite.vectors) {
      expect(checkRfc9497Vector(suite, vector, engineOf('sound', {}))).toEqual([]);
      for (const fault of faults) {
        const findings = checkRfc9497Vector(suite, vector, engineOf('faulty', fault));
        expect(findings.length).toBeGreaterThan(0);
        expect(findings.filter((finding) => finding.startsWith('noble'))).toEqual([]);
      }
    }
  });

  it('[VEC5] without the group leaves the suite not built', () => {
    const none: Engine = { name: 'none', group: () => undefined };
    const [suite] = suites as [Rfc9497Suite];
    const [vector] = suite.vectors as [Rfc9497Suite['vectors'][number]];
    expect(hasRfc9497Suite(suite)).toBe(true);
    expect(hasRfc9497Suite(suite, none)).toBe(false);
    expect(checkRfc9497Vector(suite, vector, none)).toEqual(['identifier: ristretto255-SHA512 is not built']);
  });
});

describe('the command', () => {
  it('[VEC3] counts suites that are not built as skipped, and a run of nothing else as no success', () => {
    const [suite] = suites as [Rfc9497Suite];
    const foreign = { ...suite, identifier: 'decaf448-SHAKE256' };
    expect(run('rfc9497', fileOf([foreign, suite]))).toMatchObject({ code: 0, last: '3 passed, 0 failed, 3 skipped' });
    expect(run('rfc9497', fileOf([foreign]))).toMatchObject({ code: 1, last: '0 passed, 0 failed, 3 skipped' });
  });

  it('[VEC2] a strategy’s case fails for any wrong number, a refusal that is none, or another selection', () => {
    const numbers = (...data: number[]) => ({ w: { shape: [data.length], data } });
    const client = (weight: number, ...data: number[]) => ({
      metrics: { 'num-examples': weight },
      arrays: numbers(...data),
    });
    const clients = [client(1, 1, 2), client(3, 5, 2), client(1, 1, 3)];
    const round = { round: 1, start: numbers(0, 0), clients, expected: { arrays: numbers(3.4, 2.2) } };
    const right = { id: 'a', strategy: 'FedAvg', params: {}, float64: [round] };
    const verdict = (one: object) => run('strategies', fileOf({ cases: [one] })).last;
    expect(verdict(right)).toBe('1 passed, 0 failed');
    expect(verdict({ ...right, float64: [{ ...round, expected: { arrays: numbers(3.4, 2.2001) } }] })).toBe(
      '0 passed, 1 failed',
    );
    expect(verdict({ ...right, float64: [{ ...round, clients: [client(0, 1, 2)] }] })).toBe('0 passed, 1 failed');
    expect(verdict({ ...right, strategy: 'FedDream' })).toBe('0 passed, 0 failed, 1 skipped');
    const krum = { ...right, strategy: 'Krum', params: { num_malicious_nodes: 0 }, selected: [0] };
    const chosen = { ...round, expected: { arrays: numbers(1, 2) } };
    expect(verdict({ ...krum, float64: [chosen] })).toBe('1 passed, 0 failed');
    expect(verdict({ ...krum, selected: [2], float64: [chosen] })).toBe('0 passed, 1 failed');
    const stdev = {
      id: 'b',
      strategy: 'dp-noise-stdev',
      params: { noise_multiplier: 1, clipping_norm: 2, num_sampled_clients: 4 },
    };
    expect(verdict({ ...stdev, expected: 0.5 })).toBe('1 passed, 0 failed');
    expect(verdict({ ...stdev, expected: 0.6 })).toBe('0 passed, 1 failed');
    expect(verdict({ ...stdev, error: 'ValueError' })).toBe('0 passed, 1 failed');
  });

  it.each([
    ['a missing file', () => join(folder, 'none.json'), /cannot be read \(ENOENT\)/],
    ['no JSON', () => fileOf('{'), /not JSON/],
    ['another form', () => fileOf([{ vectors: [] }]), /not a vector file of this kind[^]*groupDST/],
    ['no vectors', () => fileOf([]), /not a vector file/],
    ['no hex', () => fileOf([{ ...suites[0], seed: 'xyz' }]), /expected lowercase hex/],
  ])('[VEC4] says what is wrong with %s', (_, path, message) => {
    const { code, errors } = run('rfc9497', path());
    expect(code).toBe(2);
    expect(errors).toMatch(message);
  });

  it('[VEC4] explains itself', () => {
    expect(run('--help')).toMatchObject({ code: 0, last: expect.stringContaining('usage:') as unknown });
    expect(run('acs', OWN)).toMatchObject({ code: 2, errors: expect.stringMatching(/not a vector file/) as unknown });
    expect(run('strategies', OWN)).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/not a vector file/) as unknown,
    });
    for (const args of [[], ['rfc9497'], ['toString', OWN], ['rfc9497', OWN, OWN]]) {
      expect(run(...args)).toMatchObject({ code: 2, errors: expect.stringContaining('usage:') as unknown });
    }
  });
});
