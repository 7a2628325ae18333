/** Wrong and odd inputs to a case of `make-acs-own.ts`, and what the C library makes of them. */
import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import { bytesToHex, bytesToNumberLE, hexToBytes } from '@noble/curves/utils.js';

import type { AcsVectorFile } from '#credential';

import { L, naorReingoldBits, scalarBytes, type AnyCurve } from './acs-by-noble.js';

type Case = AcsVectorFile['cases'][number];
type Negative = AcsVectorFile['negative'][number];
type Quirk = AcsVectorFile['quirks'][number];
type Attempt = Pick<Negative, 'op' | 'inputs' | 'xor_pk_proof' | 'c_output'>;

export function attemptsOn(vector: Case, curve: AnyCurve): { negative: Negative[]; quirks: Quirk[] } {
  const { curve: name, blinding, kdf, id } = vector;
  const kind = { curve: name, blinding, kdf, base_case: id };
  return {
    negative: negativesOn(vector, curve).map((attempt, i) => ({
      ...{ id: `${id}-negative-${i + 1}`, ...kind, ...attempt, expect: false },
    })),
    quirks: quirksOn(vector, curve).map((attempt, i) => ({ id: `${id}-quirk-${i + 1}`, ...kind, ...attempt })),
  };
}

function negativesOn(vector: Case, { Point, hashToCurve }: AnyCurve): Attempt[] {
  const identity = bytesToHex(Point.ZERO.toBytes());
  const other = bytesToHex(hashToCurve(hexToBytes(vector.evaluated_element)).toBytes());
  const swapped = { proof_c: vector.proof_s, proof_s: vector.proof_c };
  const attempts: Attempt[] = [
    ...['', identity, vector.blinded_element.slice(2), 'ff'.repeat(32)].map((blinded_element) => ({
      op: 'evaluate' as const,
      inputs: { blinded_element },
    })),
    { op: 'verifiable_unblind', inputs: { evaluated_element: other } },
    { op: 'verifiable_unblind', inputs: { pk: other } },
    { op: 'verifiable_unblind', inputs: swapped },
    { op: 'redeem', inputs: { token: `${vector.token}00` } },
    { op: 'redeem', inputs: { attributes: [...vector.attributes, '00'] } },
    { op: 'redeem', inputs: { client_secret: vector.client_secret.slice(2) } },
  ];
  return vector.kdf === 'default' ? attempts : [...attempts, ...keyAttempts(vector, other)];
}

function keyAttempts(vector: Case, other: string): Attempt[] {
  const [used] = usedAndUnused(vector);
  return [
    { op: 'verify_public_key', inputs: { pk: other } },
    { op: 'verify_public_key', inputs: { attributes: [...vector.attributes, '00'] } },
    { op: 'verify_public_key', inputs: { pk_proof: vector.pk_proof.slice(2) } },
    { op: 'verify_public_key', inputs: {}, xor_pk_proof: [[used, 1]] },
  ];
}

function quirksOn(vector: Case, { Point }: AnyCurve): Omit<Quirk, keyof Case | 'base_case'>[] {
  const plusOrder = (scalar: string) => bytesToHex(scalarBytes(bytesToNumberLE(hexToBytes(scalar)) + L));
  const odd = { c_accepts: true, strict: 'reject-ok' } as const;
  const quirks: Omit<Quirk, keyof Case | 'base_case'>[] = [
    { op: 'verifiable_unblind', inputs: { proof_s: plusOrder(vector.proof_s) }, ...odd },
    { op: 'server_finalize_sk', inputs: { sk: plusOrder(vector.sk) }, ...odd },
    { op: 'evaluate', inputs: { sk: plusOrder(vector.sk) }, ...odd },
    joinedAttributes(vector),
  ];
  if (vector.kdf === 'default') quirks.push({ op: 'verify_public_key', inputs: { pk: '' }, ...odd });
  if (vector.kdf === 'naor_reingold') {
    const [, unused] = usedAndUnused(vector);
    quirks.push({ op: 'verify_public_key', inputs: {}, xor_pk_proof: [[unused, 1]], ...odd });
  }
  if (vector.curve === 'ed25519') {
    const blinded = Point.fromHex(vector.blinded_element);
    for (const hex of ED25519_TORSION_SUBGROUP) {
      const small = Point.fromHex(hex);
      if (small.is0()) continue;
      const mixed = bytesToHex(blinded.add(small).toBytes());
      quirks.push({ op: 'evaluate', inputs: { blinded_element: mixed }, c_accepts: false, strict: 'must-reject' });
    }
  }
  return quirks;
}

/** One key in two lists of attributes, but for the default KDF. */
function joinedAttributes({ attributes, kdf, pk }: Case): Omit<Quirk, keyof Case | 'base_case'> {
  const same = kdf !== 'default';
  return {
    op: 'derive_public_key',
    inputs: { attributes: [attributes.join('')] },
    c_accepts: same,
    strict: 'must-match',
    ...(same ? { c_output: { pk } } : {}),
  };
}

/** The first byte of a slot that is used, and of one that is not. sdhi has one slot. */
function usedAndUnused({ kdf, attributes }: Case): [number, number] {
  if (kdf !== 'naor_reingold') return [0, 0];
  const bits = naorReingoldBits(attributes.map((hex) => hexToBytes(hex)));
  const unused = Array.from({ length: 256 }, (_, i) => i).find((i) => !bits.includes(i)) ?? 0;
  return [64 * (bits[0] ?? 0), 64 * unused];
}
