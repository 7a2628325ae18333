import { randomBytes, randomInt } from 'node:crypto';

import { beforeAll, describe, expect, it } from '@jest/globals';

import { nobleEngine, type Group } from '#credential';

import { differsFromNoble, failsKnownAnswers } from './check-engine.js';
import { chooseEngine } from './choose-engine.js';
import { MALFORMED, type CheckedGroup } from './malformed.js';
import { openPublicSums, publicSumsOf, readPublicSums, type PublicSums } from './public-sums.js';
import { sodiumEngine } from './sodium-engine.js';
import type { Sodium } from './sodium.js';
import { sodiumsUnderTest } from './testing.js';

/** `STARLING_K=full npm test` takes all 10,000. */
const SUMS = process.env['STARLING_K'] === 'full' ? 10_000 : 1000;
/** Pairs of a sum; of many, some are taken twice, and its passes meet. */
const SIZES = [1, 2, 3, 19, 64] as const;
const GROUPS: readonly CheckedGroup[] = ['ristretto255', 'ed25519'];

type Pair = readonly [element: unknown, scalar: unknown];

let sums: PublicSums;
beforeAll(async () => (sums = await openPublicSums()));

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const nobles = (name: CheckedGroup): Group => nobleEngine.group(name)!;
const anyOf = <T>(list: readonly T[]): T => list[randomInt(list.length)]!;

/** 32 little-endian bytes. */
function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const FIELD = 2n ** 255n - 19n;

/** Where digits carry, run on, or are missing. */
const EDGE_SCALARS = [0n, 1n, 2n, 15n, 16n, 17n, 31n, 32n, 2n ** 251n - 1n, 2n ** 252n, ORDER / 2n]
  .flatMap((scalar) => [scalar, (ORDER - scalar) % ORDER])
  .map(littleEndian);

/** What decodes, of the least and the greatest encodings: limbs of zeros and of ones. */
function edgeElements(group: Group): unknown[] {
  const encodings = Array.from({ length: 100 }, (_, i) => [BigInt(i), FIELD - BigInt(i + 1)]).flat();
  return encodings.map((value) => group.decodeElement(littleEndian(value))).filter((element) => element !== undefined);
}

function elementsOf(group: Group): unknown[] {
  const some = Array.from({ length: 40 }, () => group.elementFromUniform(random(64)));
  const identity = group.subtract(group.generator, group.generator);
  return [...some, ...some.map((element) => group.subtract(identity, element)), identity, group.generator];
}

const scalarOf = (group: Group): unknown =>
  randomInt(4) === 0 ? group.decodeScalar(anyOf(EDGE_SCALARS)) : group.scalarFromUniform(random(64));

/** Ours and noble's, with the pairs, so that a difference can be made again. */
function bothSums(name: CheckedGroup, pairs: readonly Pair[]): { ours: string; nobles: string; pairs: string[][] } {
  const group = nobles(name);
  const encoded = pairs.map(([element, scalar]) => [group.encodeElement(element), group.encodeScalar(scalar)] as const);
  const theirs = group.sumOfProducts(
    pairs.map(([element]) => element),
    pairs.map(([, scalar]) => scalar),
  );
  const ours = sums.sumOfProducts(
    name,
    encoded.map(([element]) => element),
    encoded.map(([, scalar]) => scalar),
  );
  return { ours: hex(ours), nobles: hex(group.encodeElement(theirs)), pairs: encoded.map((pair) => pair.map(hex)) };
}

function expectEqualSums(name: CheckedGroup, pairs: readonly Pair[]): string {
  const both = bothSums(name, pairs);
  expect({ ...both, ours: both.nobles }).toEqual({ ...both, ours: both.ours });
  return both.ours;
}

describe.each(GROUPS)('public sums of %s', (name) => {
  const group = nobles(name);
  const identity = hex(MALFORMED[name].identity);
  const scalar = (value: bigint): unknown => group.decodeScalar(littleEndian(value));

  // Kills: a carry lost in few of many products, a digit that is wrong for few scalars, tables that overlap.
  it(`[ENG10] are noble's, for ${SUMS / 2} of random elements and scalars, edges among them`, () => {
    const elements = [...elementsOf(group), ...edgeElements(group)];
    for (let i = 0; i < SUMS / 2; i++) {
      const size = i % 10 === 0 ? anyOf(SIZES) : anyOf([1, 2, 3]);
      expectEqualSums(
        name,
        Array.from({ length: size }, (): Pair => [anyOf(elements), scalarOf(group)]),
      );
    }
  }, 600_000);

  // Kills: a pass that forgets the one before, or takes a pair twice; digits that the pass before left.
  it.each([0, 127, 128, 129, 1024])('[ENG10] are noble’s for %d pairs', (size) => {
    const elements = elementsOf(group);
    const pairs = Array.from({ length: size }, (): Pair => [anyOf(elements), scalarOf(group)]);
    const sum = expectEqualSums(name, pairs);
    if (size === 0) expect(sum).toBe(identity);
  });

  // Kills: formulas with exceptions: of equal points, opposite ones, the identity.
  it('[ENG10] have no exceptions: equal and opposite elements, the identity, scalars of 0, 1 and the order less 1', () => {
    const [p, q] = [group.elementFromUniform(random(64)), group.elementFromUniform(random(64))];
    const zero = group.subtract(p, p);
    const minus = (element: unknown): unknown => group.subtract(zero, element);
    const k = group.scalarFromUniform(random(64));
    const sum = (...pairs: Pair[]): string => expectEqualSums(name, pairs);

    expect(sum([p, k], [minus(p), k])).toBe(identity);
    expect(sum([p, scalar(1n)], [minus(p), scalar(1n)])).toBe(identity);
    expect(sum([p, scalar(1n)], [p, scalar(ORDER - 1n)])).toBe(identity);
    expect(sum([p, scalar(0n)], [q, scalar(0n)])).toBe(identity);
    expect(sum([zero, k], [zero, scalar(1n)], [zero, scalar(ORDER - 1n)])).toBe(identity);
    expect(sum([p, scalar(1n)])).toBe(hex(group.encodeElement(p)));
    expect(sum([zero, k], [p, scalar(1n)], [q, scalar(0n)])).toBe(hex(group.encodeElement(p)));
    expect(sum([p, scalar(1n)], [p, scalar(1n)])).toBe(hex(group.encodeElement(group.add(p, p))));
    expect(sum([p, scalar(ORDER - 1n)])).toBe(hex(group.encodeElement(minus(p))));
    // A product meets the multiple in the table that it is equal or opposite to.
    for (const n of [1n, 2n, 3n, 5n, 15n, 16n, 17n]) {
      expect(sum([p, scalar(n)], [group.multiply(p, scalar(n)), scalar(ORDER - 1n)])).toBe(identity);
      sum([p, scalar(n)], [group.multiply(p, scalar(n)), scalar(1n)]);
    }
    const many = Array.from({ length: 130 }, (): Pair => [p, scalar(1n)]);
    expect(sum(...many)).toBe(hex(group.encodeElement(group.multiply(p, scalar(130n)))));
    expect(sum(...many, ...many.map((): Pair => [minus(p), scalar(1n)]))).toBe(identity);
  });

  // Kills: an answer made of what lay in the memory before.
  it('[ENG10] refuse what is no element, lists of unequal length, and bytes of another', () => {
    const [element, one] = [group.encodeElement(group.generator), littleEndian(1n)];
    const noElement =
      MALFORMED[name].elements[
        name === 'ed25519' ? 'an element that is not on the curve' : 'an element that is not in the group'
      ]!;
    expect(() => sums.sumOfProducts(name, [element, noElement], [one, one])).toThrow(RangeError);
    expect(() => sums.sumOfProducts(name, [element, element], [one])).toThrow(RangeError);
    expect(() => sums.sumOfProducts(name, [element.slice(1)], [one])).toThrow(RangeError);
    expect(() => sums.sumOfProducts(name, [element], [one.slice(1)])).toThrow(RangeError);
    expect(hex(sums.sumOfProducts(name, [element], [one]))).toBe(hex(element));
  });
});

/** Instructions in the module's code, as bytes: a constant, of 64 bits or of 32, then what is done with it. */
const MUTATIONS: readonly (readonly [what: string, from: readonly number[], to: readonly number[]])[] = [
  ['wraps 18 times instead of 19', [0x42, 19, 0x7e], [0x42, 18, 0x7e]],
  ['wraps odd limbs 37 times instead of 38', [0x42, 38, 0x7e], [0x42, 37, 0x7e]],
  ['carries bit 25 of a limb of 26', [0x42, 26, 0x87], [0x42, 25, 0x87]],
  ['carries bit 26 of a limb of 25', [0x42, 25, 0x87], [0x42, 26, 0x87]],
  ['does not reduce p itself', [0x41, 19, 0x6a], [0x41, 18, 0x6a]],
  ['keeps what it carries from a limb of 26', [0x42, 26, 0x86, 0x7d], [0x42, 62, 0x86, 0x7d]],
  ['keeps what it carries from a limb of 25', [0x42, 25, 0x86, 0x7d], [0x42, 62, 0x86, 0x7d]],
];

/** The module with one of these places changed, for each place. */
function mutantsOf(module: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array[] {
  const mutants: Uint8Array[] = [];
  for (let at = module.length; (at = Buffer.from(module).lastIndexOf(Buffer.from(from), at - 1)) > 0;) {
    const mutant = module.slice();
    mutant.set(to, at);
    mutants.push(mutant);
  }
  return mutants;
}

describe('an engine whose public sums', () => {
  let sodium: Sodium;
  beforeAll(async () => (sodium = (await sodiumsUnderTest())[0]!.sodium));

  // Kills: a check at start that leaves a carry or a wrap of the module's arithmetic untried.
  it.each(MUTATIONS)('[ENG10] have arithmetic that %s somewhere is found out wherever that is', async (_, from, to) => {
    const mutants = mutantsOf(await readPublicSums(), from, to);
    expect(mutants.length).toBeGreaterThan(0);
    for (const [i, mutant] of mutants.entries()) {
      const engine = sodiumEngine('spoilt', sodium, await publicSumsOf(mutant));
      expect([i, failsKnownAnswers(engine) ?? differsFromNoble(engine)]).toEqual([i, expect.any(String)]);
    }
  });

  it('[ENG10] are wrong, or cannot be loaded, is refused like any that is wrong', async () => {
    const opposite: PublicSums = {
      sumOfProducts: (name, elements, scalars) => sums.sumOfProducts(name, elements.slice(1), scalars.slice(1)),
    };
    const engine = sodiumEngine('spoilt', sodium, opposite);
    const absent = async () => undefined;
    const wasm = async () => ({ engine, description: 'spoilt' });
    await expect(chooseEngine('auto', { native: absent, wasm, noble: absent })).rejects.toThrow(
      /wrong known answer of .*um/,
    );
    const unloaded = async () => ({
      engine: sodiumEngine('none', sodium, await publicSumsOf(random(100))),
      description: '',
    });
    await expect(chooseEngine('wasm', { native: absent, wasm: unloaded, noble: absent })).rejects.toThrow(
      /The engine wasm did not open: /,
    );
  });
});
