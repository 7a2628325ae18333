/**
 * RFC 9497 by its authors' test vectors (Appendix A, as `allVectors.json`): modes OPRF, VOPRF and POPRF of
 * ristretto255-SHA512 and P256-SHA256. Each runs through our own implementation, over the groups of an engine,
 * and through noble's, which shares no line with it but the curve: both are held to the same bytes.
 */
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js';
import { z } from 'zod';

import type { Engine } from './group.js';
import { nobleEngine } from './noble/noble-engine.js';
import { CIPHERSUITES, nobles, ours, type Ciphersuite, type Implementation } from './rfc9497-implementations.js';
import type { RandomBytes } from './suite.js';

const Hex = z.string().regex(/^([0-9a-f]{2})*$/, 'expected lowercase hex');
/** One value an element of the batch, separated by commas. */
const HexList = z.string().regex(/^([0-9a-f]{2})*(,([0-9a-f]{2})*)*$/, 'expected lowercase hex, separated by commas');

const Vector = z.object({
  Batch: z.int().min(1),
  Blind: HexList,
  BlindedElement: HexList,
  EvaluationElement: HexList,
  Info: Hex.optional(),
  Input: HexList,
  Output: HexList,
  Proof: z.object({ proof: Hex, r: Hex }).optional(),
});

const Suite = z.object({
  groupDST: Hex,
  hash: z.string(),
  identifier: z.string(),
  keyInfo: Hex,
  mode: z.literal([0, 1, 2]),
  pkSm: Hex.optional(),
  seed: Hex,
  skSm: Hex,
  vectors: z.array(Vector).min(1),
});

/** A whole file: one entry a suite and mode. */
export const Rfc9497File = z.array(Suite).min(1);

export type Rfc9497Vector = z.infer<typeof Vector>;
export type Rfc9497Suite = z.infer<typeof Suite>;

const MODES = ['OPRF', 'VOPRF', 'POPRF'] as const;

/** `'ristretto255-SHA512 POPRF'` */
export const rfc9497SuiteName = ({ identifier, mode }: Rfc9497Suite): string => `${identifier} ${MODES[mode]}`;

/** Whether vectors of this suite can be run here. */
export const hasRfc9497Suite = ({ identifier }: Rfc9497Suite, engine: Engine = nobleEngine): boolean =>
  implementationsOf(identifier, engine) !== undefined;

/**
 * Runs one vector, all elements of its batch, through every implementation.
 *
 * @param engine  whose groups our own implementation computes with
 * @returns what differs, empty when the vector holds
 */
export function checkRfc9497Vector(suite: Rfc9497Suite, vector: Rfc9497Vector, engine = nobleEngine): string[] {
  const built = implementationsOf(suite.identifier, engine);
  if (built === undefined) return [`identifier: ${suite.identifier} is not built`];
  const { ciphersuite, implementations } = built;
  try {
    const findings = new Findings();
    checkHeader(ciphersuite, suite, findings);
    checkFields(ciphersuite, suite, vector, findings);
    for (const implementation of implementations) checkKeys(implementation, suite, findings);
    // A key or scalar that is wrong already would only make the rest throw.
    if (findings.list.length > 0) return findings.list;
    for (const implementation of implementations) checkRound(implementation, suite, vector, findings);
    return findings.list;
  } catch (error) {
    return [error instanceof Error ? error.message : 'failed'];
  }
}

function implementationsOf(identifier: string, engine: Engine) {
  const ciphersuite = CIPHERSUITES.get(identifier);
  const group = ciphersuite && engine.group(ciphersuite.group);
  if (ciphersuite === undefined || group === undefined) return undefined;
  return { ciphersuite, implementations: [nobles(ciphersuite), ours(`ours over ${engine.name}`, group, ciphersuite)] };
}

class Findings {
  readonly list: string[] = [];

  expect(what: string, got: string, want: string | undefined): void {
    if (got !== want) this.list.push(`${what} differs`);
  }

  require(what: string, holds: boolean): void {
    if (!holds) this.list.push(what);
  }
}

/** RFC 9497 §3.1 the context string. */
function checkHeader({ hash }: Ciphersuite, suite: Rfc9497Suite, findings: Findings): void {
  const context = new Uint8Array([...ascii('HashToGroup-OPRFV1-'), suite.mode, ...ascii(`-${suite.identifier}`)]);
  findings.expect('groupDST', suite.groupDST, bytesToHex(context));
  findings.expect('hash', suite.hash, hash);
}

/** RFC 9497 §3.2.1 DeriveKeyPair. */
function checkKeys({ name, deriveKeyPair }: Implementation, suite: Rfc9497Suite, findings: Findings): void {
  const keys = deriveKeyPair(suite.mode, hexToBytes(suite.seed), hexToBytes(suite.keyInfo));
  findings.expect(`${name}: skSm`, bytesToHex(keys.secret), suite.skSm);
  // Mode OPRF publishes no key; where its vectors name one all the same, it must be right.
  if (suite.mode !== 0 || suite.pkSm !== undefined) {
    findings.expect(`${name}: pkSm`, bytesToHex(keys.public), suite.pkSm);
  }
}

/** The fields that the mode needs are there, lists are as long as the batch, scalars are canonical. */
function checkFields(
  { order, decode }: Ciphersuite,
  { mode }: Rfc9497Suite,
  vector: Rfc9497Vector,
  findings: Findings,
): void {
  for (const field of ['Blind', 'BlindedElement', 'EvaluationElement', 'Input', 'Output'] as const) {
    findings.require(`${field}: not ${vector.Batch} values`, vector[field].split(',').length === vector.Batch);
  }
  findings.require('Info: missing', mode !== 2 || vector.Info !== undefined);
  findings.require('Proof: missing', mode === 0 || vector.Proof !== undefined);
  const isScalar = (bytes: Uint8Array) => bytes.length === 32 && decode(bytes) > 0n && decode(bytes) < order;
  for (const blind of split(vector.Blind)) findings.require('Blind: not a scalar', isScalar(blind));
  if (vector.Proof) findings.require('Proof.r: not a scalar', isScalar(hexToBytes(vector.Proof.r)));
}

const keysOf = ({ skSm, pkSm }: Rfc9497Suite, { Info }: Rfc9497Vector) => ({
  secret: hexToBytes(skSm),
  public: hexToBytes(pkSm ?? ''),
  info: hexToBytes(Info ?? ''),
});

/** Each step is fed the vector's own values, so that one wrong step does not hide the next. */
function checkRound(
  implementation: Implementation,
  suite: Rfc9497Suite,
  vector: Rfc9497Vector,
  findings: Findings,
): void {
  const { name } = implementation;
  const protocol = implementation.protocol(suite.mode, keysOf(suite, vector));
  const compare = (what: string, got: readonly Uint8Array[], want: string) =>
    split(want).forEach((value, i) =>
      findings.expect(`${name}: ${what}[${i}]`, bytesToHex(got[i] ?? new Uint8Array(0)), bytesToHex(value)),
    );
  const [inputs, blinds] = [split(vector.Input), split(vector.Blind)];
  const [blinded, evaluated] = [split(vector.BlindedElement), split(vector.EvaluationElement)];
  const { proof, r } = vector.Proof ?? { proof: '', r: undefined };

  const blinding = protocol.blind(inputs, fixed(implementation, blinds));
  compare('Blind', blinding.blinds, vector.Blind);
  compare('BlindedElement', blinding.blinded, vector.BlindedElement);

  const evaluation = protocol.evaluate(blinded, fixed(implementation, r === undefined ? [] : [hexToBytes(r)]));
  compare('EvaluationElement', evaluation.evaluated, vector.EvaluationElement);
  findings.expect(`${name}: proof`, bytesToHex(evaluation.proof), proof);

  const round = { inputs, blinds, blinded, evaluated, proof: hexToBytes(proof) };
  compare('Output (finalize)', protocol.finalize(round), vector.Output);
  compare(
    'Output (evaluate)',
    inputs.map((input) => protocol.evaluateInput(input)),
    vector.Output,
  );
}

/** Random bytes that make RandomScalar return these scalars, in order. */
function fixed(implementation: Implementation, scalars: readonly Uint8Array[]): RandomBytes {
  const left = [...scalars];
  return (length) => {
    const scalar = left.shift();
    if (scalar === undefined) throw new RangeError('more randomness drawn than the vector has');
    return implementation.randomnessFor(scalar, length);
  };
}

const split = (list: string): Uint8Array[] => list.split(',').map((hex) => hexToBytes(hex));
const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));
