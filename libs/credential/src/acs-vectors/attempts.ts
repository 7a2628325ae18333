/** Inputs that are wrong, or odd: a case with some values replaced, and what must come of it. */
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js';

import { acsSuite } from '../acs/acs-suite.js';
import { decodeSecretScalar, publicOf } from '../encoding.js';
import { CredentialError } from '../errors.js';
import type { Group } from '../group.js';
import { unblind } from './cases.js';
import type { Findings } from './findings.js';
import type { Attempt, Case, Negative, Op, PrimaryKey, Quirk } from './form.js';
import { KDF_NAMES, bytesOf, kdfFor, primaryPublicKeyOf, recorded } from './names.js';

/** The case that an attempt starts from, and its primary key. */
export interface Base {
  readonly vector: Case;
  readonly key: PrimaryKey;
}

/** The values of the attempt: those of its case unless replaced. */
interface Values extends Case {
  readonly primary_key: string;
  readonly ppk: string;
}

interface Outcome {
  /** Whether it went through, and gave what the base case gave where the attempt is about that. */
  readonly accepted: boolean;
  /** By the C library's names. */
  readonly output?: Readonly<Record<string, Uint8Array>>;
}

export function checkNegative(group: Group, vector: Negative, base: Base, findings: Findings): void {
  checkAttempt(group, vector, { base, expected: vector.expect }, findings);
}

/** Where the C library takes what no honest peer sends, refusing is right. */
export function checkQuirk(group: Group, vector: Quirk, base: Base, findings: Findings): void {
  checkAttempt(group, vector, { base, expected: vector.strict === 'must-match' && vector.c_accepts }, findings);
}

function checkAttempt(
  group: Group,
  vector: Attempt,
  { base, expected }: { base: Base; expected: boolean },
  findings: Findings,
): void {
  const { accepted, output = {} } = attempt(group, vector, base);
  findings.require(accepted ? 'accepted' : 'refused', accepted === expected);
  for (const [name, want] of Object.entries(vector.c_output ?? {})) {
    const got = output[name];
    if (got !== undefined) findings.expect(name, got, want);
  }
}

function attempt(group: Group, vector: Attempt, { vector: base, key }: Base): Outcome {
  const values: Values = { ...base, primary_key: key.primary_key, ppk: key.primary_public_key };
  for (const [field, value] of Object.entries(vector.inputs)) Object.assign(values, { [field]: value });
  const pkProof = hexToBytes(values.pk_proof);
  for (const [at, mask] of vector.xor_pk_proof ?? []) pkProof[at] = (pkProof[at] ?? 0) ^ mask;
  try {
    return OPS[vector.op](group, { ...values, pk_proof: bytesToHex(pkProof) }, base);
  } catch (error) {
    if (error instanceof CredentialError) return { accepted: false };
    throw error;
  }
}

const NO_ATTRIBUTES = new Uint8Array(0);

const OPS: Readonly<Record<Op, (group: Group, values: Values, base: Case) => Outcome>> = {
  verifiable_unblind(group, values, base) {
    const state = {
      suite: suiteFor(group, values).id,
      inputs: bytesOf([values.token]),
      blinds: bytesOf([values.blinding_factor]),
      blinded: bytesOf([values.blinded_element]),
      public: hexToBytes(values.pk),
      attributes: NO_ATTRIBUTES,
    };
    const proof = hexToBytes(values.proof_c + values.proof_s);
    const [output] = suiteFor(group, values).finalize(state, bytesOf([values.evaluated_element]), proof);
    return {
      accepted: output !== undefined && bytesToHex(output) === base.client_secret,
      output: { unblinded_element: unblind(group, values.blinding, values) },
    };
  },
  unblind: (group, values) => ({
    accepted: true,
    output: { unblinded_element: unblind(group, values.blinding, values) },
  }),
  evaluate(group, values) {
    const keyPair = { ...publicHalf(values), secret: hexToBytes(values.sk), proof: NO_ATTRIBUTES };
    const { random } = recorded([values.proof_nonce]);
    const { evaluated } = suiteFor(group, values).evaluate(keyPair, bytesOf([values.blinded_element]), random);
    return { accepted: true, output: { evaluated_element: evaluated[0] ?? NO_ATTRIBUTES } };
  },
  verify_public_key(group, values) {
    const sent = {
      attributes: bytesOf(values.attributes),
      public: hexToBytes(values.pk),
      proof: hexToBytes(values.pk_proof),
    };
    return { accepted: kdfFor(group, values.kdf).verifyKey(primaryPublicKeyOf(values.ppk), sent) };
  },
  redeem(group, values) {
    const secret = kdfFor(group, values.kdf).deriveSecret(hexToBytes(values.primary_key), bytesOf(values.attributes));
    return compare('server_secret', evaluateToken(group, values, secret), values.client_secret);
  },
  server_finalize_sk: (group, values, base) =>
    compare('server_secret', evaluateToken(group, values, hexToBytes(values.sk)), base.server_secret),
  derive_public_key(group, values, base) {
    const secret = kdfFor(group, values.kdf).deriveSecret(hexToBytes(values.primary_key), bytesOf(values.attributes));
    return compare('pk', publicOf(group, decodeSecretScalar(group, secret, 'sk')), base.pk);
  },
};

const compare = (name: string, got: Uint8Array, want: string): Outcome => ({
  accepted: bytesToHex(got) === want,
  output: { [name]: got },
});

const evaluateToken = (group: Group, values: Values, secret: Uint8Array): Uint8Array =>
  suiteFor(group, values).evaluateInput({ secret, attributes: NO_ATTRIBUTES }, hexToBytes(values.token));

const publicHalf = ({ pk }: Values) => ({ public: hexToBytes(pk), attributes: NO_ATTRIBUTES });
const suiteFor = (group: Group, { blinding, kdf }: Values) => acsSuite(group, blinding, KDF_NAMES[kdf]);
