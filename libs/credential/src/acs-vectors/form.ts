/**
 * The form of a file of ACS test vectors (`acs-interop-vectors/1`): what Meta's C library computed, with all of its
 * randomness. Names are the library's: curve `ristretto`, KDFs `default` and `naor_reingold`.
 */
import { z } from 'zod';

const Hex = z.string().regex(/^([0-9a-f]{2})*$/, 'expected lowercase hex');

const Curve = z.enum(['ristretto', 'ed25519']);
const Kdf = z.enum(['default', 'sdhi', 'naor_reingold']);
const Kind = z.object({ id: z.string(), curve: Curve, blinding: z.enum(['exp', 'mul']), kdf: Kdf });

const CurveVector = z.object({
  generator: Hex,
  order_le: Hex,
  element_bytes: z.int(),
  scalar_bytes: z.int(),
  final_evaluation_bytes: z.int(),
});

/** The buffers are hashed as one concatenation. */
const HashToCurve = z.object({ curve: Curve, inputs: z.array(Hex), element: Hex });
const HashToScalar = z.object({ curve: Curve, inputs: z.array(Hex), scalar: Hex });

/** Honest proofs carry the secret and the nonce that they were made with. */
const Dleq = z.object({
  curve: Curve,
  base1: Hex,
  base2: Hex,
  element1: Hex,
  element2: Hex,
  proof_c: Hex,
  proof_s: Hex,
  valid: z.boolean(),
  discrete_log: Hex.optional(),
  nonce: Hex.optional(),
});

const PrimaryKey = z.object({
  id: z.string(),
  curve: Curve,
  kdf: Kdf,
  primary_key: Hex,
  primary_public_key: Hex,
  /** naor_reingold: the u of H = u·G, which only a test knows. */
  h_discrete_log: Hex.optional(),
});

const Case = Kind.extend({
  primary_key_id: z.string(),
  attributes: z.array(Hex),
  sk: Hex,
  pk: Hex,
  pk_proof: Hex,
  pk_proof_nonces: z.array(Hex),
  token: Hex,
  hashed_token: Hex,
  blinding_factor: Hex,
  blinded_element: Hex,
  evaluated_element: Hex,
  proof_c: Hex,
  proof_s: Hex,
  proof_nonce: Hex,
  unblinded_element: Hex,
  client_secret: Hex,
  server_secret: Hex,
  /** sdhi: their hash as a scalar. */
  attribute_scalar: Hex.optional(),
  /** naor_reingold: their SHA-256. */
  attribute_hash: Hex.optional(),
});

/** What an attempt may replace in its base case. */
const Inputs = z.strictObject({
  attributes: z.array(Hex).optional(),
  primary_key: Hex.optional(),
  ppk: Hex.optional(),
  sk: Hex.optional(),
  pk: Hex.optional(),
  pk_proof: Hex.optional(),
  token: Hex.optional(),
  blinding_factor: Hex.optional(),
  blinded_element: Hex.optional(),
  evaluated_element: Hex.optional(),
  proof_c: Hex.optional(),
  proof_s: Hex.optional(),
  client_secret: Hex.optional(),
});

const Op = z.enum([
  'verifiable_unblind',
  'unblind',
  'evaluate',
  'verify_public_key',
  'redeem',
  'server_finalize_sk',
  'derive_public_key',
]);

const Attempt = Kind.extend({
  base_case: z.string(),
  op: Op,
  inputs: Inputs,
  /** Byte offset and mask. */
  xor_pk_proof: z.array(z.tuple([z.int().min(0), z.int().min(0).max(255)])).optional(),
  /** What the C library wrote, by name. */
  c_output: z.record(z.string(), Hex).optional(),
});

const Negative = Attempt.extend({ expect: z.boolean() });
const Quirk = Attempt.extend({
  c_accepts: z.boolean(),
  strict: z.enum(['must-match', 'must-reject', 'reject-ok']),
});

/** A whole file. */
export const AcsVectorFile = z.object({
  curves: z.partialRecord(Curve, CurveVector),
  hash_to_curve: z.array(HashToCurve),
  hash_to_scalar: z.array(HashToScalar),
  dleq: z.array(Dleq),
  primary_keys: z.array(PrimaryKey),
  cases: z.array(Case),
  negative: z.array(Negative),
  quirks: z.array(Quirk),
});

export type AcsVectorFile = z.infer<typeof AcsVectorFile>;
export type AcsList = keyof AcsVectorFile;
export type Curve = z.infer<typeof Curve>;
export type Op = z.infer<typeof Op>;
export type CurveVector = z.infer<typeof CurveVector>;
export type HashToCurve = z.infer<typeof HashToCurve>;
export type HashToScalar = z.infer<typeof HashToScalar>;
export type Dleq = z.infer<typeof Dleq>;
export type PrimaryKey = z.infer<typeof PrimaryKey>;
export type Case = z.infer<typeof Case>;
export type Attempt = z.infer<typeof Attempt>;
export type Negative = z.infer<typeof Negative>;
export type Quirk = z.infer<typeof Quirk>;
export type Kind = z.infer<typeof Kind>;
