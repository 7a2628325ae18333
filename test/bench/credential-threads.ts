import { DEFAULT_SUITE, suiteOf } from '#credential';
import { CredentialThreads, type EngineName } from '#engine';

import type { EvaluatedToken, EvaluationItem } from '../../apps/issuer/src/evaluation.js';
import type { RedemptionItem } from '../../apps/intake/src/redemption.js';
import { random } from './contestants.js';

/** Tokens a second of wall clock, with one thread and with two. */
export type Scaling = Readonly<Record<'issue 1' | 'redeem', { readonly one: number; readonly two: number }>>;

/** Requests that come together: enough for tasks of full size. */
const REQUESTS = 1024;

/** As issuer and intake do it: through the queue, in the apps' own threads, one token a request. */
export async function measureThreads(engine: EngineName, rounds: number): Promise<Scaling> {
  const suite = suiteOf(DEFAULT_SUITE);
  const primaryKey = suite.generatePrimaryKey(random);
  const info = random(62);
  const keyed = { suite: DEFAULT_SUITE, primaryKey, info };
  const pair = suite.deriveKeyPair(primaryKey, info);
  const blinded = suite.blind([random(32)], pair, random).blinded[0]!;
  const evaluation: EvaluationItem = { ...keyed, blinded };
  const redemption: RedemptionItem = { ...keyed, token: random(32) };
  return {
    'issue 1': await scale<EvaluationItem, EvaluatedToken>(
      new URL('../../apps/issuer/src/evaluation.worker.js', import.meta.url),
      evaluation,
      { engine, rounds },
    ),
    redeem: await scale<RedemptionItem, Uint8Array>(
      new URL('../../apps/intake/src/redemption.worker.js', import.meta.url),
      redemption,
      { engine, rounds },
    ),
  };
}

async function scale<Item, Answer>(
  module: URL,
  item: Item,
  { engine, rounds }: { readonly engine: EngineName; readonly rounds: number },
): Promise<{ one: number; two: number }> {
  const pools = [1, 2].map((threads) => new CredentialThreads<Item, Answer>(module, { engine, threads }));
  const best = [0, 0];
  // One round more than is counted: the first compiles.
  for (let round = 0; round <= rounds; round++) {
    for (const [i, pool] of pools.entries()) {
      const before = performance.now();
      await Promise.all(Array.from({ length: REQUESTS }, () => pool.submit(item)));
      if (round > 0) best[i] = Math.max(best[i]!, (REQUESTS * 1000) / (performance.now() - before));
    }
  }
  await Promise.all(pools.map((pool) => pool.close()));
  return { one: best[0]!, two: best[1]! };
}
