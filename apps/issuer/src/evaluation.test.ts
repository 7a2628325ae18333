import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { CredentialError, DEFAULT_SUITE, suiteOf } from '#credential';
import { CredentialThreads, Overloaded } from '#engine';

import { evaluationRefusal, type EvaluatedToken, type EvaluationItem } from './evaluation.js';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const suite = suiteOf(DEFAULT_SUITE);
const primaryKey = suite.generatePrimaryKey(random);
const primaryPublicKey = suite.primaryPublicKey(primaryKey);

/** What a device keeps, and what it sends for one token. */
function request(info: Uint8Array) {
  const key = { public: suite.derivePublicKey(primaryPublicKey, info), attributes: info };
  const { state, blinded } = suite.blind([random(32)], key, random);
  const item: EvaluationItem = { suite: DEFAULT_SUITE, primaryKey, info, blinded: blinded[0]! };
  return { state, item };
}

describe('evaluation in threads', () => {
  let threads: CredentialThreads<EvaluationItem, EvaluatedToken>;
  beforeAll(() => {
    threads = new CredentialThreads(new URL('./evaluation.worker.js', import.meta.url), { engine: 'wasm', threads: 2 });
  });
  afterAll(() => threads.close());

  // Kills: one proof for a whole task (a device holds one token and could not check it); a key of another item's info.
  it('[ENG9] gives each of many requests that come together a token and a proof of its own', async () => {
    const requests = Array.from({ length: 12 }, (_, i) => request(random(1 + (i % 3))));
    const answers = await Promise.all(requests.map(({ item }) => threads.submit(item)));
    for (const [i, { evaluated, proof }] of answers.entries()) {
      const { state, item } = requests[i]!;
      const [output] = suite.finalize(state, [evaluated], proof);
      const pair = suite.deriveKeyPair(primaryKey, item.info);
      expect(output).toEqual(suite.evaluateInput(pair, state.inputs[0]!));
    }
  });

  it('[ENG9] refuses a malformed element alone', async () => {
    const [good, bad] = [request(random(5)), request(random(5))];
    const malformed = { ...bad.item, blinded: new Uint8Array(32).fill(0xff) };
    const results = await Promise.allSettled([good.item, malformed, good.item].map((item) => threads.submit(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const { reason } = results[1] as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(CredentialError);
    expect(evaluationRefusal(reason)).toMatchObject({ name: 'ProtocolError', code: 'malformed_element' });
  });

  it('[ENG9] is overloaded with a time to come back when too much waits', () => {
    const refusal = evaluationRefusal(new Overloaded(700));
    expect(refusal).toMatchObject({ name: 'ProtocolError', code: 'overloaded', retryAfterMs: 700 });
    const other = new Error('anything else');
    expect(evaluationRefusal(other)).toBe(other);
  });
});
