/** A whole run, each step fed the recorded values, so that one wrong step does not hide the next. */
import { concatBytes, hexToBytes } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';

import { acsSuite } from '../acs/acs-suite.js';
import { BLINDINGS, type BlindingName } from '../acs/blinding.js';
import { hashToElement, hashToScalar } from '../acs/hash.js';
import { decodeElement, decodeSecretScalar, encodeElement, publicOf } from '../encoding.js';
import type { Group } from '../group.js';
import type { Findings } from './findings.js';
import type { Case, PrimaryKey } from './form.js';
import { KDF_NAMES, bytesOf, kdfFor, primaryPublicKeyOf, recorded } from './names.js';

export function checkCase(group: Group, vector: Case, key: PrimaryKey, findings: Findings): void {
  findings.require('primary_key_id: of another suite', key.curve === vector.curve && key.kdf === vector.kdf);
  checkKdf(group, vector, key, findings);
  checkDevice(group, vector, findings);
  checkIssuer(group, vector, findings);
}

function checkKdf(group: Group, vector: Case, key: PrimaryKey, findings: Findings): void {
  const kdf = kdfFor(group, vector.kdf);
  const [primaryKey, ppk] = [hexToBytes(key.primary_key), primaryPublicKeyOf(key.primary_public_key)];
  const attributes = bytesOf(vector.attributes);
  const sk = kdf.deriveSecret(primaryKey, attributes);
  findings.expect('sk', sk, vector.sk);
  findings.expect('pk', publicOf(group, decodeSecretScalar(group, sk, 'sk')), vector.pk);
  const { random, left } = recorded(vector.pk_proof_nonces);
  findings.expect('pk_proof', kdf.proveKey(primaryKey, attributes, random), vector.pk_proof);
  findings.require('pk_proof_nonces: too many', left() === 0);
  const verified = kdf.verifyKey(ppk, {
    attributes,
    public: hexToBytes(vector.pk),
    proof: hexToBytes(vector.pk_proof),
  });
  findings.require('pk_proof does not verify as it should', verified === (kdf.derivedKey === 'proven'));
  if (vector.attribute_scalar !== undefined) {
    const scalar = group.encodeScalar(hashToScalar(group, ...attributes));
    findings.expect('attribute_scalar', scalar, vector.attribute_scalar);
  }
  if (vector.attribute_hash !== undefined) {
    findings.expect('attribute_hash', sha256(concatBytes(...attributes)), vector.attribute_hash);
  }
}

/** Our device with the library's issuer. */
function checkDevice(group: Group, vector: Case, findings: Findings): void {
  const suite = acsSuite(group, vector.blinding, KDF_NAMES[vector.kdf]);
  const token = hexToBytes(vector.token);
  findings.expect(
    'hashed_token',
    encodeElement(group, hashToElement(group, token), 'token').bytes,
    vector.hashed_token,
  );
  const key = { public: hexToBytes(vector.pk), attributes: new Uint8Array(0) };
  const { state, blinded } = suite.blind([token], key, recorded([vector.blinding_factor]).random);
  findings.expect('blinding_factor', concatBytes(...state.blinds), vector.blinding_factor);
  findings.expect('blinded_element', concatBytes(...blinded), vector.blinded_element);
  findings.expect('unblinded_element', unblind(group, vector.blinding, vector), vector.unblinded_element);
  const theirs = { ...state, blinds: bytesOf([vector.blinding_factor]), blinded: bytesOf([vector.blinded_element]) };
  const proof = hexToBytes(vector.proof_c + vector.proof_s);
  const outputs = suite.finalize(theirs, bytesOf([vector.evaluated_element]), proof);
  findings.expect('client_secret', concatBytes(...outputs), vector.client_secret);
}

/** Our issuer with the library's device. */
function checkIssuer(group: Group, vector: Case, findings: Findings): void {
  const suite = acsSuite(group, vector.blinding, KDF_NAMES[vector.kdf]);
  const attributes = new Uint8Array(0);
  const keyPair = { secret: hexToBytes(vector.sk), public: hexToBytes(vector.pk), proof: attributes, attributes };
  const { random } = recorded([vector.proof_nonce]);
  const { evaluated, proof } = suite.evaluate(keyPair, bytesOf([vector.blinded_element]), random);
  findings.expect('evaluated_element', concatBytes(...evaluated), vector.evaluated_element);
  findings.expect('proof_c', proof.subarray(0, 32), vector.proof_c);
  findings.expect('proof_s', proof.subarray(32), vector.proof_s);
  findings.expect('server_secret', suite.evaluateInput(keyPair, hexToBytes(vector.token)), vector.server_secret);
}

/**
 * What comes out without a look at the proof; no suite offers that.
 *
 * @throws CredentialError for everything that is refused about the elements themselves
 */
export function unblind(
  group: Group,
  blinding: BlindingName,
  vector: Pick<Case, 'evaluated_element' | 'blinded_element' | 'blinding_factor' | 'pk'>,
): Uint8Array {
  const evaluated = decodeElement(group, hexToBytes(vector.evaluated_element), 'evaluated_element');
  decodeElement(group, hexToBytes(vector.blinded_element), 'blinded_element');
  const blind = decodeSecretScalar(group, hexToBytes(vector.blinding_factor), 'blinding_factor');
  const publicKey = decodeElement(group, hexToBytes(vector.pk), 'pk');
  const unblinded = BLINDINGS[blinding].unblind(group, evaluated.element, blind, publicKey.element);
  return encodeElement(group, unblinded, 'unblinded_element').bytes;
}
