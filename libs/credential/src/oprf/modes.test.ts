import { describe, expect, it } from '@jest/globals';
import { bytesToHex, concatBytes } from '@noble/curves/utils.js';

import { CIPHERSUITES, nobles, ours, type Keys } from '../rfc9497-implementations.js';
import { refusal, seededRandom } from '../testing.js';
import { groupOf } from '../testing/schemes.js';
import type { Group } from '../group.js';
import type { Mode } from './context.js';
import { deriveKeyPair } from './key-pair.js';
import { oprf } from './oprf.js';
import { voprf } from './voprf.js';
import { poprfSuite } from './poprf-suite.js';

const PAIRS = [...CIPHERSUITES].flatMap(([identifier, suite]) =>
  ([0, 1, 2] as const).map((mode) => {
    const [own, noble] = [ours('ours', groupOf(suite.group), suite), nobles(suite)];
    return { identifier, mode, own, noble, suite };
  }),
);

describe.each(PAIRS)('$identifier mode $mode', ({ identifier, mode, own, noble, suite }) => {
  // Kills: a change of transcript, order of randomness or composites that only our two sides agree on.
  it('[CRD20] equals an independent implementation on random keys, inputs and batches', () => {
    const random = seededRandom(`modes ${identifier} ${mode}`);
    const scalar = () => suite.encode((suite.decode(random(32)) % (suite.order - 1n)) + 1n, 32);
    for (const batch of [1, 2, 3, 7]) {
      const keys: Keys = { ...own.deriveKeyPair(mode, random(32), random(batch)), info: random(batch * 9) };
      const [we, they] = [own.protocol(mode, keys), noble.protocol(mode, keys)];
      const inputs = Array.from({ length: batch }, () => random(batch * 31));
      const scalars = [...inputs.map(() => scalar()), scalar()];
      const ourRound = play(we, inputs, (length, i) => own.randomnessFor(scalars[i]!, length));
      const theirRound = play(they, inputs, (length, i) => noble.randomnessFor(scalars[i]!, length));
      expect(ourRound).toEqual(theirRound);
      // Each side finalizes what the other evaluated, and the redeemer agrees.
      const outputs = we.finalize(theirRound);
      expect(they.finalize(ourRound)).toEqual(outputs);
      for (const side of [we, they]) expect(inputs.map((input) => side.evaluateInput(input))).toEqual(outputs);
      expect(new Set(outputs.map((output) => bytesToHex(output))).size).toBe(batch);
    }
  });

  it('[CRD21] derives the key pair that an independent implementation derives', () => {
    const random = seededRandom(`derive ${identifier} ${mode}`);
    const infos = [0, 1, 32, 300].map((length) => random(length));
    const pairs = infos.map((info) => own.deriveKeyPair(mode, random(32), info));
    const again = seededRandom(`derive ${identifier} ${mode}`);
    const theirs = [0, 1, 32, 300].map((length) => again(length));
    expect(theirs.map((info) => noble.deriveKeyPair(mode, again(32), info))).toEqual(pairs);
  });
});

type Protocol = ReturnType<(typeof PAIRS)[number]['own']['protocol']>;

/** Blinds and evaluates; the i-th draw of randomness is `draw(length, i)`. */
function play(protocol: Protocol, inputs: readonly Uint8Array[], draw: (length: number, i: number) => Uint8Array) {
  let drawn = 0;
  const random = (length: number) => draw(length, drawn++);
  const { blinds, blinded } = protocol.blind(inputs, random);
  return { inputs, blinds: [...blinds], blinded: [...blinded], ...protocol.evaluate(blinded, random) };
}

describe('DeriveKeyPair', () => {
  const group = groupOf('ristretto255');
  const random = seededRandom('DeriveKeyPair');

  // Kills: mode, group, seed or info left out of what a key is derived from.
  it('[CRD21] differs by mode, group, seed and info', () => {
    const [one, two, info] = [random(32), random(32), random(5)];
    const modes: Mode[] = [0, 1, 2];
    const secrets = [group, groupOf('P-256')].flatMap((group) =>
      modes.flatMap((mode) =>
        [one, two].flatMap((seed) =>
          [info, new Uint8Array(0)].map((info) => bytesToHex(deriveKeyPair(group, mode, seed, info).secret)),
        ),
      ),
    );
    expect(new Set(secrets).size).toBe(24);
  });

  // Kills: a counter that stands still, and a zero that becomes a key.
  it('[CRD21] goes on to the next counter where a scalar is zero, and gives up after 256', () => {
    const zero = group.decodeScalar(new Uint8Array(32));
    const seen: Uint8Array[] = [];
    const zeroFor = (times: number): Group => ({
      ...group,
      hash: (message) => {
        seen.push(Uint8Array.from(message));
        return group.hash(message);
      },
      scalarFromUniform: (bytes) => (times-- > 0 ? zero : group.scalarFromUniform(bytes)),
    });
    const seed = random(32);
    const third = deriveKeyPair(zeroFor(2), 1, seed, seed);
    expect(third).not.toEqual(deriveKeyPair(group, 1, seed, seed));
    const counters = seen.filter(({ length }) => length > 200).map((message) => message.at(128 + 32 + 34));
    expect(counters).toEqual([0, 1, 2]);
    expect(refusal(() => deriveKeyPair(zeroFor(256), 1, seed, seed))).toBe('zero_key');
  });

  it('[CRD21] refuses seeds of another length than 32 and infos of more than 65,535 bytes', () => {
    for (const seed of [random(31), random(33), new Uint8Array(0), 'seed' as never]) {
      expect(refusal(() => deriveKeyPair(group, 0, seed, random(1)))).toBe('invalid_input');
    }
    expect(refusal(() => deriveKeyPair(group, 0, random(32), new Uint8Array(0x10000)))).toBe('invalid_input');
    expect(refusal(() => deriveKeyPair(group, 0, random(32), 'info' as never))).toBe('invalid_input');
  });
});

describe('an RFC 9497 suite', () => {
  // Kills: a context string made up for a group that the RFC says nothing about.
  it('[CRD20] is refused for a group that the RFC has no suite for', () => {
    const ed25519: Group = { ...groupOf('ristretto255'), name: 'ed25519' };
    for (const make of [oprf, voprf, poprfSuite]) expect(refusal(() => make(ed25519))).toBe('unknown_suite');
    expect(refusal(() => deriveKeyPair(ed25519, 0, new Uint8Array(32), concatBytes()))).toBe('unknown_suite');
  });
});
