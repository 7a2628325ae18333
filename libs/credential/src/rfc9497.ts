/**
 * RFC 9497 by its authors' test vectors (Appendix A, as `allVectors.json`): modes OPRF, VOPRF and POPRF of
 * ristretto255-SHA512 and P256-SHA256. noble runs them all; mode POPRF of ristretto255 also runs through
 * our own suite, so both are held to the same bytes.
 */
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js';
import { z } from 'zod';

import { RFC9497_GROUPS, enginesOf, type Engine, type Rfc9497Group } from './rfc9497-engines.js';
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
export const hasRfc9497Suite = ({ identifier }: Rfc9497Suite): boolean => RFC9497_GROUPS.has(identifier);

/**
 * Runs one vector, all elements of its batch, in every engine that has its suite and mode.
 *
 * @returns what differs, empty when the vector holds
 */
export function checkRfc9497Vector(suite: Rfc9497Suite, vector: Rfc9497Vector): string[] {
  const group = RFC9497_GROUPS.get(suite.identifier);
  if (group === undefined) return [`identifier: ${suite.identifier} is not built`];
  try {
    const findings = new Findings();
    checkHeader(group, suite, findings);
    checkFields(group, suite, vector, findings);
    // A key or scalar that is wrong already would only make the rest throw.
    if (findings.list.length > 0) return findings.list;
    for (const engine of enginesOf(group, suite.mode, keysOf(suite, vector))) {
      checkEngine(engine, group, vector, findings);
    }
    return findings.list;
  } catch (error) {
    return [error instanceof Error ? error.message : 'failed'];
  }
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

/** RFC 9497 §3.1 the context string, §3.2.1 DeriveKeyPair. */
function checkHeader(group: Rfc9497Group, suite: Rfc9497Suite, findings: Findings): void {
  const context = new Uint8Array([...ascii('HashToGroup-OPRFV1-'), suite.mode, ...ascii(`-${suite.identifier}`)]);
  findings.expect('groupDST', suite.groupDST, bytesToHex(context));
  findings.expect('hash', suite.hash, group.hash);
  const keys = group.deriveKeyPair(suite.mode, hexToBytes(suite.seed), hexToBytes(suite.keyInfo));
  findings.expect('skSm', bytesToHex(keys.secretKey), suite.skSm);
  // Mode OPRF publishes no key; where its vectors name one all the same, it must be right.
  if (suite.mode !== 0 || suite.pkSm !== undefined) findings.expect('pkSm', bytesToHex(keys.publicKey), suite.pkSm);
}

/** The fields that the mode needs are there, lists are as long as the batch, scalars are canonical. */
function checkFields(group: Rfc9497Group, { mode }: Rfc9497Suite, vector: Rfc9497Vector, findings: Findings): void {
  for (const field of ['Blind', 'BlindedElement', 'EvaluationElement', 'Input', 'Output'] as const) {
    findings.require(`${field}: not ${vector.Batch} values`, vector[field].split(',').length === vector.Batch);
  }
  findings.require('Info: missing', mode !== 2 || vector.Info !== undefined);
  findings.require('Proof: missing', mode === 0 || vector.Proof !== undefined);
  for (const blind of split(vector.Blind)) findings.require('Blind: not a scalar', group.isScalar(blind));
  if (vector.Proof) findings.require('Proof.r: not a scalar', group.isScalar(hexToBytes(vector.Proof.r)));
}

const keysOf = ({ skSm, pkSm }: Rfc9497Suite, { Info }: Rfc9497Vector) => ({
  secretKey: hexToBytes(skSm),
  publicKey: hexToBytes(pkSm ?? ''),
  info: hexToBytes(Info ?? ''),
});

/** Each step is fed the vector's own values, so that one wrong step does not hide the next. */
function checkEngine(engine: Engine, group: Rfc9497Group, vector: Rfc9497Vector, findings: Findings): void {
  const compare = (what: string, got: readonly Uint8Array[], want: string) =>
    split(want).forEach((value, i) =>
      findings.expect(`${engine.name}: ${what}[${i}]`, bytesToHex(got[i] ?? new Uint8Array(0)), bytesToHex(value)),
    );
  const [inputs, blinds] = [split(vector.Input), split(vector.Blind)];
  const [blinded, evaluated] = [split(vector.BlindedElement), split(vector.EvaluationElement)];
  const { proof, r } = vector.Proof ?? { proof: '', r: undefined };

  const blinding = engine.blind(inputs, fixed(group, blinds));
  compare('Blind', blinding.blinds, vector.Blind);
  compare('BlindedElement', blinding.blinded, vector.BlindedElement);

  const evaluation = engine.evaluate(blinded, fixed(group, r === undefined ? [] : [hexToBytes(r)]));
  compare('EvaluationElement', evaluation.evaluated, vector.EvaluationElement);
  findings.expect(`${engine.name}: proof`, bytesToHex(evaluation.proof), proof);

  const round = { inputs, blinds, blinded, evaluated, proof: hexToBytes(proof) };
  compare('Output (finalize)', engine.finalize(round), vector.Output);
  compare(
    'Output (evaluate)',
    inputs.map((input) => engine.evaluateInput(input)),
    vector.Output,
  );
}

/** Random bytes that make RandomScalar return these scalars, in order. */
function fixed(group: Rfc9497Group, scalars: readonly Uint8Array[]): RandomBytes {
  const left = [...scalars];
  return (length) => {
    const scalar = left.shift();
    if (scalar === undefined) throw new RangeError('more randomness drawn than the vector has');
    return group.randomnessFor(scalar, length);
  };
}

const split = (list: string): Uint8Array[] => list.split(',').map((hex) => hexToBytes(hex));
const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));
