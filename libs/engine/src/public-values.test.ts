import { randomBytes } from 'node:crypto';

import { beforeAll, describe, expect, it } from '@jest/globals';

import { generateKeyPair, SUITE_IDS, suiteOf, voprf, type Engine, type Group, type GroupName } from '#credential';

import { allEngines } from './choose-engine.js';

type BytesGroup = Group<Uint8Array, Uint8Array>;

let engine: Engine;
beforeAll(async () => (engine = (await allEngines()).find(({ name }) => name === 'wasm')!));

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What elements and scalars a group's sums are given, and which of them are known to everybody. */
class Watch {
  readonly group: BytesGroup;
  readonly #public: Set<string>;
  readonly #hashes = new Set<string>();
  readonly #results: { readonly of: readonly string[]; readonly result: string; readonly isSum: boolean }[] = [];

  constructor(group: BytesGroup) {
    this.#public = new Set([hex(group.generator)]);
    this.group = {
      ...group,
      hash: (message) => this.#noteHash(group.hash(message)),
      scalarFromUniform: (bytes) => this.#noteScalar(bytes, group.scalarFromUniform(bytes)),
      add: (a, b) => this.#note([a, b], group.add(a, b), false),
      sumOfProducts: (elements, scalars) =>
        this.#note([...elements, ...scalars], group.sumOfProducts(elements, scalars), true),
    };
  }

  get sums(): number {
    return this.#results.filter(({ isSum }) => isSum).length;
  }

  /** What issuer and device sent each other: elements and scalars one after the other. */
  publish(...messages: readonly Uint8Array[]): void {
    for (const message of messages) {
      for (let at = 0; at < message.length; at += 32) this.#public.add(hex(message.subarray(at, at + 32)));
    }
  }

  /** What stays secret, though it is a hash: of secrets. */
  keep(...secrets: readonly Uint8Array[]): void {
    for (const secret of secrets) this.#public.delete(hex(secret));
  }

  /** What went into a sum and was neither sent, nor a hash, nor computed from such. */
  hidden(): string[] {
    const hidden: string[] = [];
    for (const { of, result, isSum } of this.#results) {
      const unknown = of.filter((value) => !this.#public.has(value));
      if (unknown.length === 0) this.#public.add(result);
      else if (isSum) hidden.push(...unknown);
    }
    return hidden;
  }

  #note(of: readonly Uint8Array[], result: Uint8Array, isSum: boolean): Uint8Array {
    this.#results.push({ of: of.map(hex), result: hex(result), isSum });
    return result;
  }

  #noteHash(digest: Uint8Array): Uint8Array {
    this.#hashes.add(hex(digest));
    return digest;
  }

  /** Weights, challenges and attributes are hashes. Keys, blinds and nonces are drawn, or come from HMAC. */
  #noteScalar(uniform: Uint8Array, scalar: Uint8Array): Uint8Array {
    if (this.#hashes.has(hex(uniform))) this.#public.add(hex(scalar));
    return scalar;
  }
}

const watch = (group: GroupName): Watch => new Watch(engine.group(group) as BytesGroup);
const inputs = [random(32), random(32), random(32)];

describe('public sums', () => {
  // Kills: a key, a blind, a nonce or an unblinded element in a sum, whose time tells it and which is not wiped.
  it.each(SUITE_IDS)('[ENG10] are given public values only by %s', (id) => {
    const watched = watch(id.includes('ed25519') ? 'ed25519' : 'ristretto255');
    const suite = suiteOf(id, { name: 'watched', group: () => watched.group });
    const primaryKey = suite.generatePrimaryKey(random);
    const pair = suite.deriveKeyPair(primaryKey, random(40));
    const primaryPublicKey = suite.primaryPublicKey(primaryKey);
    watched.publish(primaryPublicKey, pair.public, pair.proof);
    if (suite.derivedKey === 'computed') suite.derivePublicKey(primaryPublicKey, pair.attributes);
    else suite.verifyDerivedKey(primaryPublicKey, pair.attributes, pair.public, pair.proof);
    const { state, blinded } = suite.blind(inputs, pair, random);
    const { evaluated, proof } = suite.evaluate(pair, blinded, random);
    watched.publish(...blinded, ...evaluated, proof);
    watched.keep(pair.secret, ...state.blinds);
    const outputs = suite.finalize(state, evaluated, proof);
    expect(suite.evaluateInput(pair, inputs[0]!)).toEqual(outputs[0]);

    expect(watched.sums).toBeGreaterThan(0);
    expect(watched.hidden()).toEqual([]);
    // And it would have been noticed.
    const unblinded = watched.group.elementFromUniform(random(64));
    watched.group.sumOfProducts([pair.public, unblinded], [pair.secret, state.blinds[0]!]);
    expect(watched.hidden()).toEqual([unblinded, pair.secret, state.blinds[0]!].map(hex));
  });

  it('[ENG10] are given public values only by mode VOPRF', () => {
    const watched = watch('ristretto255');
    const mode = voprf(watched.group);
    const pair = generateKeyPair(watched.group, random);
    const blinds = mode.blind(inputs, random);
    const { evaluated, proof } = mode.evaluate(pair, blinds.blinded, random);
    watched.publish(pair.public, ...blinds.blinded, ...evaluated, proof);
    watched.keep(pair.secret);
    mode.finalize(pair.public, blinds, evaluated, proof);
    expect(watched.sums).toBeGreaterThan(0);
    expect(watched.hidden()).toEqual([]);
  });
});
