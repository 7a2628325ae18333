import { randomFillSync } from 'node:crypto';

import {
  EvaluationRequest,
  Oprf,
  POPRFClient,
  POPRFServer,
  generatePublicKey,
  randomPrivateKey,
} from '@cloudflare/voprf-ts';
import { CryptoNoble } from '@cloudflare/voprf-ts/crypto-noble';

import { DEFAULT_SUITE, suiteOf, type Engine } from '#credential';

/** Tokens in one issuance. */
export const BATCHES = [1, 10, 100, 1000] as const;
export type Work = `issue ${(typeof BATCHES)[number]}` | 'redeem';
export const WORKS: readonly Work[] = [...BATCHES.map((n): Work => `issue ${n}`), 'redeem'];

/** Does the server's part of each work: mode POPRF over ristretto255, one proof an issuance. */
export interface Contestant {
  readonly name: string;
  readonly works: Readonly<Record<Work, () => unknown>>;
}

export const random = (length: number): Uint8Array => randomFillSync(new Uint8Array(length));

/** What both are given: attributes of the length that rounds have, and tokens. */
const INFO = random(62);
const inputs = (count: number): Uint8Array[] => Array.from({ length: count }, () => random(32));

export function ours(engine: Engine): Contestant {
  const suite = suiteOf(DEFAULT_SUITE, engine);
  const pair = suite.deriveKeyPair(suite.generatePrimaryKey(random), INFO);
  const issue = (count: number): (() => unknown) => {
    const { blinded } = suite.blind(inputs(count), pair, random);
    return () => suite.evaluate(pair, blinded, random);
  };
  const [input] = inputs(1);
  const redeem = () => suite.evaluateInput(pair, input!);
  return { name: engine.name, works: worksOf(BATCHES.map(issue), redeem) };
}

/** Cloudflare's implementation in TypeScript, on the provider that has ristretto255. */
export async function voprfTs(): Promise<Contestant> {
  const { RISTRETTO255_SHA512: suite } = Oprf.Suite;
  const key = await randomPrivateKey(suite, CryptoNoble);
  const server = new POPRFServer(suite, key, CryptoNoble);
  const client = new POPRFClient(suite, generatePublicKey(suite, key, CryptoNoble), CryptoNoble);
  const issue = async (count: number): Promise<() => unknown> => {
    const [, request] = await client.blind(inputs(count));
    const received = EvaluationRequest.deserialize(suite, request.serialize(), CryptoNoble);
    return () => server.blindEvaluate(received, INFO);
  };
  const [input] = inputs(1);
  const issues = await Promise.all(BATCHES.map(issue));
  return { name: 'voprf-ts', works: worksOf(issues, () => server.evaluate(input!, INFO)) };
}

function worksOf(issues: readonly (() => unknown)[], redeem: () => unknown): Contestant['works'] {
  const named = BATCHES.map((n, i) => [`issue ${n}`, issues[i]!] as const);
  return { ...(Object.fromEntries(named) as Omit<Contestant['works'], 'redeem'>), redeem };
}

/** Tokens that one run of a work makes or redeems. */
export const tokensOf = (work: Work): number => (work === 'redeem' ? 1 : Number(work.slice('issue '.length)));
