import { randomBytes } from 'node:crypto';

import { beforeAll, describe, expect, it } from '@jest/globals';

import { CredentialError, DEFAULT_SUITE, nobleEngine, SUITE_IDS, suiteOf, type Engine } from '#credential';

import { MALFORMED, type CheckedGroup } from './malformed.js';
import { enginesUnderTest } from './testing.js';
import { issueAndRedeem, operate, type Transcript } from './transcript.js';

/** `STARLING_K=full npm test` takes all 10,000, of which noble makes some hundreds a second. */
const INPUTS = process.env['STARLING_K'] === 'full' ? 10_000 : 1000;
/** One input in so many also goes through everything else. */
const WHOLE_EVERY = 100;
const GROUPS: readonly CheckedGroup[] = ['ristretto255', 'ed25519'];

let engines: readonly Engine[];
beforeAll(async () => (engines = await enginesUnderTest()));

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** For every engine the same, or the tape is told, so that the failure can be made again. */
function expectEqual(tape: Uint8Array, compute: (engine: Engine) => Transcript): void {
  const [expected, ...others] = engines.map((engine) => ({ name: engine.name, hex: toHex(compute(engine)) }));
  for (const { name, hex } of others) {
    const input = Buffer.from(tape).toString('hex');
    expect({ name, input, ...hex }).toEqual({ name, input, ...expected!.hex });
  }
}

const toHex = (transcript: Transcript): Record<string, string> =>
  Object.fromEntries(Object.entries(transcript).map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')]));

/** A fresh key, attributes and token: what intake computes. */
function redeem(engine: Engine, tape: Uint8Array): Transcript {
  const suite = suiteOf(DEFAULT_SUITE, engine);
  const pair = suite.deriveKeyPair(
    suite.generatePrimaryKey((length) => tape.slice(0, length)),
    tape.slice(64, 104),
  );
  return { secret: pair.secret, public: pair.public, output: suite.evaluateInput(pair, tape.slice(104, 136)) };
}

describe('all engines', () => {
  // Kills: a carry lost in one of 2^10 additions, an operation that is only right for the known answers.
  it(`[ENG1] give equal bytes on ${INPUTS} random inputs`, () => {
    for (let i = 0; i < INPUTS; i++) {
      const tape = random(512);
      expectEqual(tape, (engine) => redeem(engine, tape));
      if (i % WHOLE_EVERY !== 0) continue;
      for (const name of GROUPS) expectEqual(tape, (engine) => operate(engine.group(name)!, tape));
      expectEqual(tape, (engine) => issueAndRedeem(engine, tape));
    }
  }, 600_000);

  it('[ENG1] give equal bytes in every suite: derived key, blinded and evaluated elements, proof, output', () => {
    // Naor–Reingold keys take noble seconds. ACS's vectors run them on every engine.
    for (const id of SUITE_IDS.filter((id) => !id.endsWith('naor-reingold'))) {
      const tape = random(40_000);
      expectEqual(tape, (engine) => {
        let drawn = 0;
        const fromTape = (length: number): Uint8Array => tape.slice(drawn, (drawn += length));
        const suite = suiteOf(id, engine);
        const primaryKey = suite.generatePrimaryKey(fromTape);
        const pair = suite.deriveKeyPair(primaryKey, fromTape(30));
        const inputs = [fromTape(32), fromTape(7)];
        const { state, blinded } = suite.blind(inputs, pair, fromTape);
        const { evaluated, proof } = suite.evaluate(pair, blinded, fromTape);
        const [first, second] = suite.finalize(state, evaluated, proof);
        expect(suite.evaluateInput(pair, inputs[1]!)).toEqual(second);
        return {
          primaryPublicKey: suite.primaryPublicKey(primaryKey),
          public: pair.public,
          keyProof: pair.proof,
          blinded: blinded[1]!,
          evaluated: evaluated[0]!,
          proof,
          output: first!,
        };
      });
    }
  });

  // Kills: an engine that takes what another refuses (bit 255, T₂ and the like), or calls it something else.
  it.each(GROUPS)('[ENG2] refuse the same malformed elements and scalars of %s', (name) => {
    const { elements, scalars, identity, largestScalar } = MALFORMED[name];
    for (const engine of engines) {
      const group = engine.group(name)!;
      const taken = [
        ...Object.entries(elements).filter(([, bytes]) => group.decodeElement(bytes) !== undefined),
        ...Object.entries(scalars).filter(([, bytes]) => group.decodeScalar(bytes) !== undefined),
      ];
      expect([engine.name, taken]).toEqual([engine.name, []]);
      expect(group.isIdentity(group.decodeElement(identity)!)).toBe(true);
      expect(group.encodeScalar(group.decodeScalar(largestScalar)!)).toEqual(largestScalar);
    }
  });

  it('[ENG2] refuse them with the same code wherever a suite takes an element in', () => {
    // The suites of a group take elements in by the same function; these two are the quickest on noble.
    for (const [id, name] of [
      [DEFAULT_SUITE, 'ristretto255'],
      [SUITE_IDS.find((id) => id.includes('ed25519'))!, 'ed25519'],
    ] as const) {
      const { elements, identity } = MALFORMED[name];
      const malformed = [...Object.values(elements), identity];
      const [expected, ...others] = engines.map((engine) => refusalsOf(engine, id, malformed));
      expect(expected!.filter((code) => !code.endsWith('_element'))).toEqual([]);
      for (const codes of others) expect(codes).toEqual(expected);
    }
  });

  it('[ENG2] but noble multiply in constant time, and none has a group that it cannot compute with', () => {
    for (const engine of engines) {
      for (const name of GROUPS) expect(engine.group(name)!.constantTime).toBe(engine !== nobleEngine);
    }
    expect(engines.map((engine) => engine.group('P-256') !== undefined)).toEqual(
      engines.map((engine) => engine === nobleEngine),
    );
  });

  // Kills: a multiplication that answers with the identity, or with what was there before, instead of failing.
  it('[ENG2] fail rather than answer with the identity', () => {
    for (const engine of engines) {
      for (const name of GROUPS) {
        const group = engine.group(name)!;
        const zero = group.decodeScalar(new Uint8Array(32))!;
        const identity = group.decodeElement(MALFORMED[name].identity)!;
        expect(() => group.multiply(group.generator, zero)).toThrow(/./);
        expect(() => group.multiplyGenerator(zero)).toThrow(/./);
        expect(() => group.invertScalar(zero)).toThrow(/./);
        const one = group.decodeScalar(new Uint8Array(32).fill(1, 0, 1))!;
        // Sums are for public values, among which both may be.
        const sum = group.sumOfProducts([identity, group.generator, group.generator], [one, zero, one]);
        expect(group.encodeElement(sum)).toEqual(Uint8Array.from(group.encodeElement(group.generator)));
      }
    }
  });
});

/** What issuer and device say to each of these elements. */
function refusalsOf(engine: Engine, id: string, elements: readonly Uint8Array[]): string[] {
  const suite = suiteOf(id, engine);
  const pair = suite.deriveKeyPair(suite.generatePrimaryKey(random), random(8));
  const { state } = suite.blind([random(32)], pair, random);
  return elements.flatMap((element) => [
    codeOf(() => suite.evaluate(pair, [element], random)),
    codeOf(() => suite.finalize(state, [element], new Uint8Array(64))),
  ]);
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'accepted';
  } catch (error) {
    if (error instanceof CredentialError) return error.code;
    throw error;
  }
}
