/** The vectors of single functions: groups, hashes, proofs, primary keys. */
import { concatBytes, equalBytes, hexToBytes } from '@noble/curves/utils.js';

import { generatorOf, prove, verify, type Statement } from '../acs/dleq.js';
import { hashToElement, hashToScalar } from '../acs/hash.js';
import { decodeElement, decodeSecretScalar, tryDecodeScalar } from '../encoding.js';
import type { Group } from '../group.js';
import type { Findings } from './findings.js';
import type { CurveVector, Dleq, HashToCurve, HashToScalar, PrimaryKey } from './form.js';
import { bytesOf, kdfFor, recorded } from './names.js';

export function checkCurve(group: Group, vector: CurveVector, findings: Findings): void {
  findings.expect('generator', generatorOf(group).bytes, vector.generator);
  const order = hexToBytes(vector.order_le);
  // The order is odd: the largest scalar is next to it.
  const largest = order.map((byte, i) => (i === 0 ? byte - 1 : byte));
  findings.require('order_le: a scalar', tryDecodeScalar(group, order) === undefined);
  findings.require('order_le: not next to a scalar', tryDecodeScalar(group, largest) !== undefined);
  findings.require('element_bytes differs', group.elementLength === vector.element_bytes);
  findings.require('scalar_bytes differs', group.scalarLength === vector.scalar_bytes);
  findings.require('final_evaluation_bytes differs', group.hashLength === vector.final_evaluation_bytes);
}

export function checkHashToCurve(group: Group, { inputs, element }: HashToCurve, findings: Findings): void {
  findings.expect('element', group.encodeElement(hashToElement(group, concatBytes(...bytesOf(inputs)))), element);
}

export function checkHashToScalar(group: Group, { inputs, scalar }: HashToScalar, findings: Findings): void {
  findings.expect('scalar', group.encodeScalar(hashToScalar(group, ...bytesOf(inputs))), scalar);
}

export function checkDleq(group: Group, vector: Dleq, findings: Findings): void {
  const proof = vector.proof_c + vector.proof_s;
  const statement = statementOf(group, vector);
  findings.require('valid differs', verify(group, statement, hexToBytes(proof)) === vector.valid);
  if (vector.discrete_log === undefined || vector.nonce === undefined) return;
  const secret = decodeSecretScalar(group, hexToBytes(vector.discrete_log), 'discrete_log');
  const nonce = decodeSecretScalar(group, hexToBytes(vector.nonce), 'nonce');
  findings.expect('proof', prove(group, secret, statement, nonce), proof);
}

function statementOf(group: Group, vector: Dleq): Statement<unknown> {
  const element = (field: 'base1' | 'element1' | 'base2' | 'element2') =>
    decodeElement(group, hexToBytes(vector[field]), field);
  return [
    { base: baseOf(group, element('base1')), element: element('element1') },
    { base: baseOf(group, element('base2')), element: element('element2') },
  ];
}

/** The generator by identity where it is one, so that its own way to multiply is tried as well. */
function baseOf(group: Group, base: ReturnType<typeof generatorOf>) {
  const generator = generatorOf(group);
  return equalBytes(base.bytes, generator.bytes) ? generator : base;
}

export function checkPrimaryKey(group: Group, vector: PrimaryKey, findings: Findings): void {
  const kdf = kdfFor(group, vector.kdf);
  const primaryKey = hexToBytes(vector.primary_key);
  findings.expect('primary_public_key', kdf.primaryPublicKey(primaryKey), vector.primary_public_key);
  if (vector.kdf === 'naor_reingold' && vector.h_discrete_log === undefined) return;
  const { random, left } = recorded(randomnessOf(vector));
  findings.expect('primary_key', kdf.generatePrimaryKey(random), vector.primary_key);
  findings.require('less randomness drawn than recorded', left() === 0);
}

/** What the key was made from: itself, or the scalars it begins with. */
function randomnessOf({ kdf, primary_key, primary_public_key, h_discrete_log }: PrimaryKey): string[] {
  const secretHalf = primary_key.slice(0, primary_key.length - primary_public_key.length);
  return kdf === 'naor_reingold' ? [...(secretHalf.match(/.{64}/g) ?? []), h_discrete_log ?? ''] : [secretHalf];
}
