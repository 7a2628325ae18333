import { createHash, randomBytes } from 'node:crypto';

import { beforeAll, describe, expect, it } from '@jest/globals';

import { nobleEngine, type Group } from '#credential';

import { MALFORMED } from './malformed.js';
import { openPublicSums } from './public-sums.js';
import { sodiumGroup as sodiumGroupWith } from './sodium-group.js';
import type { Address, Sodium, SodiumCurve, SodiumCurveName } from './sodium.js';
import { sodiumsUnderTest } from './testing.js';

let sodiums: readonly { name: string; sodium: Sodium }[];
beforeAll(async () => (sodiums = await sodiumsUnderTest()));

const sums = await openPublicSums();
const sodiumGroup = (sodium: Sodium, name: SodiumCurveName) => sodiumGroupWith(sodium, name, sums);

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** A library as it was before CVE-2025-69277 was found: P + T₂ passes for an element and is multiplied. */
function unpatched({ curves, memory, address, ...sodium }: Sodium): Sodium {
  const { ed25519 } = curves;
  const [half, other] = [address + memory.length - 64, address + memory.length - 32];
  /** P + T₂ at `half`, for the P at an address; T₂ added to P + T₂ is P again. */
  const addT2 = (at: Address): Address => {
    memory.set(MALFORMED.ed25519.elements['T₂']!, other - address);
    ed25519.add(half, at, other);
    return half;
  };
  const old: SodiumCurve = {
    ...ed25519,
    isValid: (at) => ed25519.isValid(at) || ed25519.isValid(addT2(at)),
    multiply: (result, scalar, at) => {
      if (ed25519.isValid(at)) return ed25519.multiply(result, scalar, at);
      const isOdd = memory[scalar - address]! & 1;
      const status = ed25519.multiply(result, scalar, addT2(at));
      if (isOdd === 0) return status;
      // The identity is not told apart here: its encoding is made first.
      if (status !== 0) memory.set(MALFORMED.ed25519.identity, result - address);
      memory.copyWithin(result - address, addT2(result) - address, half - address + 32);
      return 0;
    },
  };
  return { ...sodium, memory, address, curves: { ...curves, ed25519: old } };
}

/** A library up to 1.0.18, which does not look at bit 255. */
function withoutBit255({ curves, memory, address, ...sodium }: Sodium): Sodium {
  const { ristretto255 } = curves;
  const isValid = (at: Address): number => {
    memory[at - address + 31]! &= 0x7f;
    return ristretto255.isValid(at);
  };
  return { ...sodium, memory, address, curves: { ...curves, ristretto255: { ...ristretto255, isValid } } };
}

const taken = (group: Group<Uint8Array>, elements: Readonly<Record<string, Uint8Array>>): string[] =>
  Object.entries(elements).flatMap(([name, bytes]) => {
    const one = group.decodeScalar(new Uint8Array(32).fill(1, 0, 1));
    const isRefused = group.decodeElement(bytes) === undefined && group.decodeAndMultiply!(bytes, one) === undefined;
    return isRefused ? [] : [name];
  });

describe('a group over libsodium', () => {
  // Kills: trust in whichever library a system has.
  it('[ENG5] refuses what a library without its patches takes', () => {
    for (const { sodium } of sodiums) {
      const old = unpatched(sodium);
      sodium.memory.set(MALFORMED.ed25519.elements['G + T₂']!, 0);
      expect([sodium.curves.ed25519.isValid(sodium.address), old.curves.ed25519.isValid(old.address)]).toEqual([0, 1]);
      const group = sodiumGroup(old, 'ed25519');
      expect(taken(group, MALFORMED.ed25519.elements)).toEqual([]);
      const honest = group.elementFromUniform(random(64));
      expect(group.decodeElement(honest)).toBe(honest);

      const { elements } = MALFORMED.ristretto255;
      expect(taken(sodiumGroup(withoutBit255(sodium), 'ristretto255'), elements)).toEqual([]);
    }
  });

  // Kills: an operation that leaves its secret where a later overflow or a core dump finds it.
  it('[ENG6] leaves no scalar and no hashed message in the library’s memory', () => {
    for (const { sodium } of sodiums) {
      for (const name of ['ristretto255', 'ed25519'] as const) {
        const group = sodiumGroup(sodium, name);
        const [uniform, message] = [random(64), random(300)];
        const [k, l] = [group.scalarFromUniform(uniform), group.scalarFromUniform(random(64))];
        const secrets = [k, l, uniform.slice(0, 32), message.slice(0, 32)];
        const element = group.elementFromUniform(random(64));
        const operations: Record<string, () => unknown> = {
          scalarFromUniform: () => group.scalarFromUniform(uniform),
          decodeScalar: () => group.decodeScalar(k),
          multiply: () => group.multiply(element, k),
          multiplyGenerator: () => group.multiplyGenerator(k),
          addScalars: () => group.addScalars(k, l),
          multiplyScalars: () => group.multiplyScalars(k, l),
          subtractScalars: () => group.subtractScalars(k, l),
          invertScalar: () => group.invertScalar(k),
          hash: () => group.hash(message),
        };
        for (const [operation, run] of Object.entries(operations)) {
          const result = run();
          const left = Buffer.from(sodium.memory);
          const made = result instanceof Uint8Array && operation !== 'hash' ? [result] : [];
          const found = [...secrets, ...made].filter((secret) => left.includes(Buffer.from(secret)));
          expect([operation, found]).toEqual([operation, []]);
        }
      }
    }
  });

  it('[ENG6] hashes messages of every length, also those that its memory does not hold', () => {
    for (const { sodium } of sodiums) {
      const group = sodiumGroup(sodium, 'ristretto255');
      for (const length of [0, 1, 111, 112, 128, 1000, 3775, 3776, 3777, 4096, 65_535]) {
        const message = random(length);
        expect(Buffer.from(group.hash(message))).toEqual(createHash('sha512').update(message).digest());
      }
    }
  });

  it('[ENG6] shares no array with its caller, but the element that it decodes', () => {
    for (const { sodium } of sodiums) {
      const group = sodiumGroup(sodium, 'ristretto255');
      group.encodeElement(group.generator).fill(0);
      const scalar = group.scalarFromUniform(random(64));
      group.encodeScalar(scalar).fill(0);
      expect(group.isZero(scalar)).toBe(false);
      expect(group.encodeElement(group.generator)).toEqual(
        nobleEngine.group('ristretto255')!.encodeElement(nobleEngine.group('ristretto255')!.generator),
      );
      expect(() => group.elementFromUniform(random(32))).toThrow(RangeError);
      expect(() => group.scalarFromUniform(random(65))).toThrow(RangeError);
    }
  });
});
