import { describe, expect, it } from '@jest/globals';
import { bytesToHex } from '@noble/curves/utils.js';

import { MAX_BATCH } from '../batch.js';
import { CredentialError } from '../errors.js';
import { refusal, seededRandom } from '../testing.js';
import type { Doors } from '../testing/scheme.js';
import { GROUPS, SCHEMES } from '../testing/schemes.js';
import { encodingsOf } from '../testing/spoilt.js';

const random = seededRandom('refusals');

/** `x` as each door of the schemes over a group takes it in, under the scheme's and the door's name. */
const doorsOf = (name: string, kind: 'elements' | 'scalars') =>
  SCHEMES.filter(({ group }) => group.name === name).flatMap((scheme) =>
    Object.entries(scheme[kind]).map(([door, open]) => [`${scheme.name} ${door}`, open] as const),
  );

/** How often each code came of knocking `times` at the doors in turn, each time with the next spoilt bytes. */
function tally(doors: ReturnType<typeof doorsOf>, times: number, next: (i: number) => Uint8Array) {
  const codes = new Map<string, number>();
  for (let i = 0; i < times; i++) {
    const [name, open] = doors[i % doors.length]!;
    const code = refusal(() => open(next(Math.floor(i / doors.length))));
    const key = code === 'accepted' ? `accepted by ${name}` : code;
    codes.set(key, (codes.get(key) ?? 0) + 1);
  }
  return Object.fromEntries(codes);
}

describe.each(GROUPS)('over $name', (group) => {
  const encodings = encodingsOf(group.name);
  const { malformed, spoilElement, spoilScalar, identity, order, plausible, toNumber, toBytes } = encodings;

  // Kills: encodings reduced, masked or padded before they are decoded; a lower library's error let through.
  it('[CRD12] of 10,000 malformed elements none is accepted, whichever door they come to', () => {
    const next = (i: number) => spoilElement[i % spoilElement.length]!(random(group.elementLength));
    expect(tally(doorsOf(group.name, 'elements'), 10_000, next)).toEqual({ malformed_element: 10_000 });
  });

  // Kills: scalars reduced modulo the order instead of refused, zero as a key.
  it('[CRD12] of 10,000 malformed scalars none is accepted, whichever door they come to', () => {
    const next = (i: number) => spoilScalar[i % spoilScalar.length]!(random(group.scalarLength));
    expect(tally(doorsOf(group.name, 'scalars'), 10_000, next)).toEqual({ malformed_scalar: 10_000 });
  });

  it.each(doorsOf(group.name, 'elements'))('[CRD12] known malformed elements are refused by %s', (_, door) => {
    for (const bad of malformed) expect(refusal(() => door(bad))).toBe('malformed_element');
    for (const bad of [[...malformed[0]!], 'text', undefined, null, 5]) {
      expect(refusal(() => door(bad as never))).toBe('malformed_element');
    }
  });

  it.each(doorsOf(group.name, 'scalars'))('[CRD12] zero, the order and no bytes are refused by %s', (_, door) => {
    expect(refusal(() => door(toBytes(order, group.scalarLength)))).toBe('malformed_scalar');
    expect(refusal(() => door(new Uint8Array(group.scalarLength)))).toBe('zero_key');
    for (const bad of [new Array(32).fill(1), 'text', undefined, null, 5]) {
      expect(refusal(() => door(bad as never))).toBe('malformed_scalar');
    }
  });

  // Kills: a decoder that takes several encodings for one element or scalar.
  it('[CRD12] whatever decodes is the canonical encoding', () => {
    const counts = { elements: 0, scalars: 0 };
    for (let i = 0; i < 2000; i++) {
      const [bytes, scalarBytes] = [plausible(random(group.elementLength)), random(group.scalarLength)];
      const element = group.decodeElement(bytes);
      if (element !== undefined) expect([counts.elements++, group.encodeElement(element)]).toContainEqual(bytes);
      const scalar = group.decodeScalar(scalarBytes);
      expect(scalar !== undefined).toBe(toNumber(scalarBytes) < order);
      if (scalar !== undefined) expect([counts.scalars++, group.encodeScalar(scalar)]).toContainEqual(scalarBytes);
    }
    expect(Math.min(counts.elements, counts.scalars)).toBeGreaterThan(50);
  });

  // Kills: the check that RFC 9497 §3.3 leaves to applications.
  it.each(doorsOf(group.name, 'elements'))('[CRD13] the identity is refused by %s', (_, door) => {
    const [bytes, code] = identity ? [identity, 'identity_element'] : [Uint8Array.of(0), 'malformed_element'];
    expect(refusal(() => door(bytes))).toBe(code);
  });
});

describe.each(SCHEMES)('$name', (scheme) => {
  const { blinded, evaluated, group } = scheme;

  // Kills: a size check missing on one side, or done after the work.
  it('[CRD14] refuses batches that are empty, too large, no list or of unequal lists, before any work', () => {
    const many = Array.from({ length: MAX_BATCH + 1 }, () => blinded[0]);
    const batches: [readonly Uint8Array[], string][] = [
      [[], 'empty_batch'],
      [many, 'batch_too_large'],
      ['ab' as never, 'invalid_input'],
    ];
    for (const [batch, code] of batches) expectAll(scheme.batches, batch, code);
    expect(refusal(() => scheme.unequalState())).toBe('mismatched_batch');
    expect(refusal(() => scheme.batches.finalize!([evaluated[0]]))).toBe('mismatched_batch');
  });

  // Kills: one element evaluated twice for the price of one check.
  it('[CRD15] refuses an element that comes twice in a batch', () => {
    const [b0, b1] = blinded;
    expect(refusal(() => scheme.batches.evaluate!([b0, b1, Uint8Array.from(b0)]))).toBe('duplicate_element');
    expect(refusal(() => scheme.batches.finalize!([evaluated[0], evaluated[0]]))).toBe('duplicate_element');
  });

  it('[CRD16] refuses inputs and attributes of more than 65,535 bytes', () => {
    expectAll(scheme.inputs, new Uint8Array(0x10000), 'invalid_input');
    expectAll(scheme.inputs, new Uint8Array(0xffff), 'accepted');
    expectAll(scheme.inputs, 'text' as never, 'invalid_input');
  });

  // Kills: a generator that fails open; a blind of 1 hides nothing, a nonce of 1 gives the key away.
  it('[CRD17] refuses randomness of the wrong length, of zeros only, or that makes a zero', () => {
    const length = group.uniformScalarLength;
    const { order, toBytes } = encodingsOf(group.name);
    const broken = [
      () => new Uint8Array(length),
      () => random(length - 1),
      () => random(length + 1),
      () => toBytes(order, length),
      () => toBytes(7n * order, length),
      () => undefined as never,
    ];
    for (const bad of broken) expectAll(scheme.randomness, bad, 'invalid_randomness');
  });

  // Kills: a message or a cause that quotes what it refuses.
  it('[CRD18] refuses without telling bytes or the error of a lower library', () => {
    const { spoilElement, spoilScalar, toNumber } = encodingsOf(group.name);
    const knocks = [
      ...Object.values(scheme.elements).flatMap((door) => spoilElement.map((f) => [door, f(blinded[0])] as const)),
      ...Object.values(scheme.scalars).flatMap((door) => spoilScalar.map((f) => [door, f(random(32))] as const)),
    ];
    for (const [door, bytes] of knocks.filter(([, bytes]) => bytes.length > 0)) {
      const error = thrownBy(() => door(bytes));
      const text = `${error.name} ${error.code} ${error.message} ${JSON.stringify(error)}`;
      expect(text).not.toContain(bytesToHex(bytes).slice(0, 16));
      expect(text).not.toContain(String(toNumber(bytes)).slice(0, 16));
      expect(text).not.toContain([...bytes.subarray(0, 4)].join(','));
      expect(error.cause).toBeUndefined();
    }
    expect(knocks.length).toBeGreaterThan(20);
  });
});

function expectAll<T>(doors: Doors<T>, wrong: T, code: string): void {
  const answers = Object.entries(doors).map(([name, door]) => [name, refusal(() => door(wrong))]);
  expect(answers).toEqual(Object.keys(doors).map((name) => [name, code]));
}

function thrownBy(action: () => unknown): CredentialError {
  try {
    action();
  } catch (error) {
    if (error instanceof CredentialError) return error;
  }
  throw new Error('expected a CredentialError');
}
