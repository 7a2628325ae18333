import { describe, expect, it } from '@jest/globals';
import { asciiToBytes, bytesToHex, bytesToNumberLE, concatBytes, numberToBytesLE } from '@noble/curves/utils.js';

import type { CredentialSuite, DerivedKeyPair } from '../suite.js';
import { SUITE_IDS, suiteOf } from '../suites.js';
import { flipBit, issue, refusal, seededRandom } from '../testing.js';
import { ACS_SUITES } from '../testing/schemes.js';

const IDS = SUITE_IDS.filter((id) => id.startsWith('acs-'));
const info = asciiToBytes('info');

/** Keys of naor-reingold take a second to make: once for each suite. */
const issued = new Map<string, ReturnType<typeof issue>>();
function issueOnce(suite: CredentialSuite) {
  const known = issued.get(suite.id) ?? issue(suite, seededRandom(suite.id), 3);
  issued.set(suite.id, known);
  return known;
}

/** The key pair of other attributes under the same primary key. */
const others = new Map<string, DerivedKeyPair>();
function underOther(suite: CredentialSuite) {
  const known = others.get(suite.id) ?? suite.deriveKeyPair(issueOnce(suite).primaryKey, asciiToBytes('other'));
  others.set(suite.id, known);
  return known;
}

const withKdf = (kdf: string) => IDS.filter((id) => id.endsWith(kdf));

it('[ACS1] there are twelve suites: two curves, two blindings, three key derivations', () => {
  expect(IDS).toHaveLength(12);
  const parts = IDS.map((id) => /^acs-(ristretto255|ed25519)-(exp|mul)-(hmac|sdhi|naor-reingold)$/.exec(id)?.slice(1));
  expect(new Set(parts.map((part) => part?.join())).size).toBe(12);
  expect(IDS.map((id) => suiteOf(id).id)).toEqual(IDS);
});

describe.each(IDS)('%s', (id) => {
  const suite = suiteOf(id);

  it('[ACS1] device and redeemer get the same 64 bytes', () => {
    const { state, evaluated, proof, keyPair, inputs } = issueOnce(suite);
    const outputs = suite.finalize(state, evaluated, proof);
    expect(outputs).toEqual(inputs.map((input) => suite.evaluateInput(keyPair, input)));
    expect(outputs.map((output) => output.length)).toEqual([64, 64, 64]);
  });

  // Kills: attributes, key or input left out of the output.
  it('[ACS1] outputs differ by input, attributes and key', () => {
    const another = suite.deriveKeyPair(suite.generatePrimaryKey(seededRandom('another')), info);
    const outputs = [issueOnce(suite).keyPair, underOther(suite), another].flatMap((keyPair) =>
      ['c', ''].map((input) => bytesToHex(suite.evaluateInput(keyPair, asciiToBytes(input)))),
    );
    expect(new Set(outputs).size).toBe(6);
  });

  // Kills: a blind that leaks into the output, or that is reused.
  it('[ACS2] blinding hides the input and leaves no trace in the output', () => {
    const { key, keyPair, inputs } = issueOnce(suite);
    const random = seededRandom(`hide ${id}`);
    const runs = Array.from({ length: 20 }, () => suite.blind(inputs.slice(0, 1), key, random));
    expect(new Set(runs.map(({ blinded }) => bytesToHex(concatBytes(...blinded)))).size).toBe(20);
    const outputs = runs.slice(0, 2).map(({ state, blinded }) => {
      const { evaluated, proof } = suite.evaluate(keyPair, blinded, random);
      return suite.finalize(state, evaluated, proof);
    });
    expect(outputs[1]).toEqual(outputs[0]);
  });

  // Edge 6. Kills: a proof that is not looked at, or only the first of a batch.
  it('[ACS3] there are 64 bytes of proof for each element, and each of them counts', () => {
    const { state, evaluated, proof } = issueOnce(suite);
    expect(proof).toHaveLength(3 * 64);
    const finalize = (bytes: Uint8Array) => refusal(() => suite.finalize(state, evaluated, bytes));
    expect(finalize(proof)).toBe('accepted');
    for (const bit of [0, 511, 512, 1023, 1024, 1535]) expect(finalize(flipBit(proof, bit))).toBe('invalid_proof');
    const [a, b, c] = [0, 64, 128].map((at) => proof.slice(at, at + 64)) as [Uint8Array, Uint8Array, Uint8Array];
    for (const wrong of [[], [a], [a, b], [b, a, c], [a, b, c, c]]) {
      expect(finalize(concatBytes(...wrong))).toBe('invalid_proof');
    }
  });

  // Edge 6. Kills: the key of the proof taken from the issuer instead of the state.
  it('[ACS3] a proof under other attributes is refused, however consistently they are used', () => {
    const { state, blinded } = issueOnce(suite);
    const { evaluated, proof } = suite.evaluate(underOther(suite), blinded, seededRandom('other'));
    expect(refusal(() => suite.finalize(state, evaluated, proof))).toBe('invalid_proof');
  });

  it('[ACS4] only the issuer computes derived keys', () => {
    const { primaryPublicKey } = issueOnce(suite);
    expect(suite.derivedKey).toBe(id.endsWith('hmac') ? 'logged' : 'proven');
    expect(refusal(() => suite.derivePublicKey(primaryPublicKey, info))).toBe('underivable_key');
  });

  // Edge 16. Kills: a nonce or blind used twice, which gives the key or the link away.
  it('[ACS8] a generator that repeats itself is refused before anything is made of it', () => {
    const { key, keyPair, inputs, blinded } = issueOnce(suite);
    const stuck = seededRandom('stuck')(32);
    expect(refusal(() => suite.blind(inputs, key, () => stuck))).toBe('invalid_randomness');
    expect(refusal(() => suite.evaluate(keyPair, blinded, () => stuck))).toBe('invalid_randomness');
  });
});

const elsewhere = new Set(ACS_SUITES.map(({ id }) => id));

// The suites of `proof.test.ts` go through the same there.
describe.each(IDS.filter((id) => !elsewhere.has(id)))('a proof of %s', (id) => {
  const suite = suiteOf(id);

  // Edge 9. Kills: a challenge or response that is masked or reduced before it is compared.
  it('[ACS3] a proof with any one of its 512 bits turned is refused', () => {
    const { keyPair, key, inputs } = issueOnce(suite);
    const random = seededRandom(`flip ${id}`);
    const { state, blinded } = suite.blind(inputs.slice(0, 1), key, random);
    const { evaluated, proof } = suite.evaluate(keyPair, blinded, random);
    const answers = Array.from({ length: 512 }, (_, bit) =>
      refusal(() => suite.finalize(state, evaluated, flipBit(proof, bit))),
    );
    expect(answers.filter((answer) => answer === 'invalid_proof')).toHaveLength(512);
  });
});

describe.each(withKdf('hmac'))('the keys of %s', (id) => {
  const suite = suiteOf(id);

  // Edge 4. Kills: "verified" said of a key that nothing shows to be right.
  it('[ACS4] are never verified, the right one neither', () => {
    const { primaryPublicKey, keyPair } = issueOnce(suite);
    expect([primaryPublicKey.length, keyPair.proof.length]).toEqual([0, 0]);
    const verify = (key: Uint8Array, proof = keyPair.proof) =>
      suite.verifyDerivedKey(primaryPublicKey, info, key, proof);
    expect([verify(keyPair.public), verify(new Uint8Array(32)), verify(info, info)]).toEqual([false, false, false]);
    expect(refusal(() => suite.verifyDerivedKey(Uint8Array.of(0), info, keyPair.public, keyPair.proof))).toBe(
      'malformed_element',
    );
  });

  it('[ACS4] come from 32 random bytes, not zeros', () => {
    const bytes = seededRandom('hmac')(32);
    expect(suite.generatePrimaryKey(() => bytes)).toEqual(bytes);
    for (const key of [bytes.slice(1), concatBytes(bytes, bytes), 'text' as never]) {
      expect(refusal(() => suite.deriveKeyPair(key, info))).toBe('malformed_scalar');
      expect(refusal(() => suite.primaryPublicKey(key))).toBe('malformed_scalar');
    }
    expect(refusal(() => suite.deriveKeyPair(new Uint8Array(32), info))).toBe('zero_key');
    expect(refusal(() => suite.generatePrimaryKey(() => new Uint8Array(32)))).toBe('invalid_randomness');
    expect(refusal(() => suite.generatePrimaryKey(() => bytes.slice(1)))).toBe('invalid_randomness');
  });
});

describe.each([...withKdf('sdhi'), ...withKdf('naor-reingold')])('the keys of %s', (id) => {
  const suite = suiteOf(id);
  const verifier = () => {
    const { primaryPublicKey, keyPair } = issueOnce(suite);
    return (changed: { ppk?: Uint8Array; attributes?: Uint8Array; key?: Uint8Array; proof?: Uint8Array }) => {
      const { ppk = primaryPublicKey, attributes = info, key = keyPair.public, proof = keyPair.proof } = changed;
      return suite.verifyDerivedKey(ppk, attributes, key, proof);
    };
  };

  it('[ACS5] are verified by their proof, for their attributes and primary key alone', () => {
    const verify = verifier();
    const { keyPair } = issueOnce(suite);
    expect(verify({})).toBe(true);
    const other = underOther(suite);
    expect(verify({ attributes: asciiToBytes('other') })).toBe(false);
    expect(verify({ key: other.public })).toBe(false);
    expect(verify({ proof: other.proof })).toBe(false);
    expect(verify({ key: other.public, proof: other.proof })).toBe(false);
    for (const bytes of [
      keyPair.proof.slice(1),
      concatBytes(keyPair.proof, info),
      new Uint8Array(0),
      'text' as never,
    ]) {
      expect(verify({ proof: bytes })).toBe(false);
    }
    for (const key of [new Uint8Array(32), keyPair.public.slice(1), flipBit(keyPair.public, 9), 'text' as never]) {
      expect(verify({ key })).toBe(false);
    }
  });

  // Edge 16. Kills: a nonce from a generator, or one that two statements share.
  it('[ACS6] have one proof: made again it is the same, and nothing random is in it', () => {
    const { primaryKey, keyPair } = issueOnce(suite);
    expect(suite.deriveKeyPair(primaryKey, info)).toEqual(keyPair);
  });

  // Kills: a pinned key that is taken for a wrong answer instead of a mistake.
  it('[ACS5] throw for a primary public key that is none', () => {
    const verify = verifier();
    const { primaryPublicKey } = issueOnce(suite);
    expect(refusal(() => verify({ ppk: primaryPublicKey.slice(1) }))).toBe('malformed_element');
    expect(refusal(() => verify({ ppk: primaryPublicKey.with(primaryPublicKey.length - 1, 0xff) }))).toBe(
      'malformed_element',
    );
    expect(refusal(() => verify({ ppk: 'text' as never }))).toBe('malformed_element');
  });

  it('[ACS7] come from a primary key whose halves belong together, and nothing else', () => {
    const { primaryKey } = issueOnce(suite);
    const foreign = flipBit(primaryKey, 0);
    expect(refusal(() => suite.primaryPublicKey(foreign))).toBe('malformed_element');
    expect(refusal(() => suite.primaryPublicKey(primaryKey.slice(1)))).toBe('malformed_scalar');
    expect(refusal(() => suite.deriveKeyPair(primaryKey.slice(1), info))).toBe('malformed_scalar');
    expect(refusal(() => suite.deriveKeyPair(new Uint8Array(primaryKey.length), info))).toBe('zero_key');
    expect(refusal(() => suite.deriveKeyPair(primaryKey.with(31, 0xff), info))).toBe('malformed_scalar');
  });
});

// A derivation does not know the blinding: once for each curve.
describe.each(withKdf('mul-sdhi'))('the key proof of %s', (id) => {
  const suite = suiteOf(id);

  // Edge 9. Kills: a response masked or reduced.
  it('[ACS5] fails with any one of its 512 bits turned, and with the order added', () => {
    const { primaryPublicKey, keyPair } = issueOnce(suite);
    const verify = (proof: Uint8Array) => suite.verifyDerivedKey(primaryPublicKey, info, keyPair.public, proof);
    const accepted = Array.from({ length: 512 }, (_, bit) => verify(flipBit(keyPair.proof, bit)));
    expect(accepted.filter((answer) => !answer)).toHaveLength(512);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const plus = (bytes: Uint8Array) => numberToBytesLE(bytesToNumberLE(bytes) + order, 32);
    const [c, s] = [keyPair.proof.slice(0, 32), keyPair.proof.slice(32)];
    expect([verify(concatBytes(plus(c), s)), verify(concatBytes(c, plus(s)))]).toEqual([false, false]);
  });

  // Edge 1 cannot be avoided: kills a comment that says a derived secret may be given away.
  it('[ACS7] one derived secret gives the primary key away, so it never leaves the issuer', () => {
    const { primaryKey, keyPair, primaryPublicKey, proof, evaluated } = issueOnce(suite);
    const sent = concatBytes(primaryPublicKey, keyPair.public, keyPair.proof, proof, ...evaluated);
    for (const secret of [keyPair.secret, primaryKey.subarray(0, 32)]) {
      expect(bytesToHex(sent)).not.toContain(bytesToHex(secret));
    }
  });
});
