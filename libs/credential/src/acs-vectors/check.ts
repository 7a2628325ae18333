import type { Engine, Group } from '../group.js';
import { checkNegative, checkQuirk, type Base } from './attempts.js';
import { checkCase } from './cases.js';
import { Findings } from './findings.js';
import type { AcsList, AcsVectorFile, Curve } from './form.js';
import { GROUP_NAMES } from './names.js';
import { checkCurve, checkDleq, checkHashToCurve, checkHashToScalar, checkPrimaryKey } from './primitives.js';

/** One vector's verdict. */
export interface AcsResult {
  readonly list: AcsList;
  /** Its id, or its number in its list. */
  readonly name: string;
  /** What differs, empty when the vector holds; `undefined` when the engine lacks the group. */
  readonly findings: readonly string[] | undefined;
}

/** One vector, ready to run. */
interface Check {
  readonly list: AcsList;
  readonly name: string;
  readonly curve: Curve;
  run(group: Group, findings: Findings): void;
}

/** Runs all vectors of a file through an engine, list by list. */
export function* checkAcsVectors(file: AcsVectorFile, engine: Engine): Generator<AcsResult> {
  for (const { list, name, curve, run } of checksOf(file)) {
    const group = engine.group(GROUP_NAMES[curve]);
    yield { list, name, findings: group && findingsOf((findings) => run(group, findings)) };
  }
}

function findingsOf(run: (findings: Findings) => void): readonly string[] {
  const findings = new Findings();
  try {
    run(findings);
  } catch (error) {
    findings.require(error instanceof Error ? error.message : 'failed', false);
  }
  return findings.list;
}

function checksOf(file: AcsVectorFile): Check[] {
  const curves = (Object.keys(file.curves) as Curve[]).flatMap((curve) => {
    const vector = file.curves[curve];
    return vector === undefined ? [] : [{ curve, id: curve, ...vector }];
  });
  return [
    ...checks('curves', curves, checkCurve),
    ...checks('hash_to_curve', file.hash_to_curve, checkHashToCurve),
    ...checks('hash_to_scalar', file.hash_to_scalar, checkHashToScalar),
    ...checks('dleq', file.dleq, checkDleq),
    ...checks('primary_keys', file.primary_keys, checkPrimaryKey),
    ...checks('cases', file.cases, (group, vector, findings) =>
      checkCase(group, vector, keyOf(file, vector.primary_key_id), findings),
    ),
    ...checks('negative', file.negative, (group, vector, findings) =>
      checkNegative(group, vector, baseOf(file, vector.base_case), findings),
    ),
    ...checks('quirks', file.quirks, (group, vector, findings) =>
      checkQuirk(group, vector, baseOf(file, vector.base_case), findings),
    ),
  ];
}

function checks<V extends { readonly curve: Curve; readonly id?: string }>(
  list: AcsList,
  vectors: readonly V[],
  check: (group: Group, vector: V, findings: Findings) => void,
): Check[] {
  return vectors.map((vector, i) => ({
    list,
    name: vector.id ?? String(i + 1),
    curve: vector.curve,
    run: (group, findings) => check(group, vector, findings),
  }));
}

function keyOf({ primary_keys }: AcsVectorFile, id: string) {
  const key = primary_keys.find((key) => key.id === id);
  if (key === undefined) throw new RangeError(`no primary key ${id}`);
  return key;
}

function baseOf(file: AcsVectorFile, id: string): Base {
  const vector = file.cases.find((vector) => vector.id === id);
  if (vector === undefined) throw new RangeError(`no case ${id}`);
  return { vector, key: keyOf(file, vector.primary_key_id) };
}
