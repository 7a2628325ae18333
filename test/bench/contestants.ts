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

import { DEFAULT_SUITE, suiteOf, type Engine, type Group } from '#credential';

/** Tokens in one issuance. */
export const BATCHES = [1, 10, 100, 1000] as const;
export type Work = `issue ${(typeof BATCHES)[number]}` | 'redeem';
export const WORKS: readonly Work[] = [...BATCHES.map((n): Work => `issue ${n}`), 'redeem'];

/** Does the server's part of each work: mode POPRF over ristretto255, one proof an issuance. */
export interface Contestant {
  readonly name: string;
  readonly works: Readonly<Record<Work, () => unknown>>;
  /** of an engine only */
  readonly parts?: Readonly<Record<Part, () => unknown>>;
}

/** What the works are made of. */
export const PARTS = [
  'map to the group',
  'decode, multiply, encode',
  'composite, each pair',
  'generator times nonce',
  'SHA-512 of 200 bytes',
  'hash to a scalar',
  'scalar product',
  'inverse of a key',
] as const;
export type Part = (typeof PARTS)[number];

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
  const works = worksOf(BATCHES.map(issue), redeem);
  return { name: engine.name, works, parts: partsOf(engine.group('ristretto255')!) };
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

/** Pairs of the composite that is measured. */
const PAIRS = 20;

function partsOf<E, S>(group: Group<E, S>): Record<Part, () => unknown> {
  const [uniform, message] = [random(64), random(200)];
  const [element, scalar] = [group.elementFromUniform(uniform), group.scalarFromUniform(uniform)];
  const bytes = group.encodeElement(element);
  const elements = Array.from({ length: PAIRS }, () => group.elementFromUniform(random(64)));
  const scalars = elements.map(() => group.scalarFromUniform(random(64)));
  return {
    'map to the group': () => group.elementFromUniform(uniform),
    'decode, multiply, encode': () => group.encodeElement(group.multiply(group.decodeElement(bytes)!, scalar)),
    'composite, each pair': () => group.sumOfProducts(elements, scalars),
    'generator times nonce': () => group.encodeElement(group.multiplyGenerator(scalar)),
    'SHA-512 of 200 bytes': () => group.hash(message),
    'hash to a scalar': () => group.scalarFromUniform(group.hash(message)),
    'scalar product': () => group.multiplyScalars(scalar, scalar),
    'inverse of a key': () => group.invertScalar(scalar),
  };
}

/** How many of what is counted one run does. */
export const unitsOf = (part: Part): number => (part === 'composite, each pair' ? PAIRS : 1);
