/** Every way Starling says no, by who says it. A refusal is an answer: closed codes, a sentence, and when to come back. */
export const INTAKE_CODES = [
  'malformed_message',
  'unsupported_encoding',
  'unknown_use_case',
  'epoch_retired',
  'round_closed',
  'stale_model',
  'wrong_length',
  'invalid_token',
  'token_spent',
  'upload_unknown',
  'digest_mismatch',
  'too_slow',
  'out_of_range',
  'norm_exceeded',
  'overloaded',
  'internal',
] as const;
export type IntakeCode = (typeof INTAKE_CODES)[number];

export const ISSUER_CODES = [
  'malformed_message',
  'unknown_use_case',
  'unknown_device',
  'revoked_device',
  'bad_signature',
  'stale_request',
  'epoch_not_open',
  'slot_taken',
  'wrong_slot',
  'quota_exhausted',
  'rate_limited',
  'malformed_element',
  'invalid_code',
  'overloaded',
  'internal',
] as const;
export type IssuerCode = (typeof ISSUER_CODES)[number];

export const COORDINATOR_CODES = [
  'malformed_message',
  'unauthorized',
  'forbidden',
  'not_found',
  'unknown_use_case',
  'use_case_exists',
  'bad_strategy',
  'budget_spent',
  'no_open_round',
  'wrong_state',
  'too_large',
  'rate_limited',
  'overloaded',
  'internal',
] as const;
export type CoordinatorCode = (typeof COORDINATOR_CODES)[number];

export type ProtocolCode = IntakeCode | IssuerCode | CoordinatorCode;

/** HTTP status of each code; sockets answer the code itself. A code without a status here does not compile. */
export const HTTP_STATUS = {
  malformed_message: 400,
  bad_strategy: 400,
  budget_spent: 409,
  malformed_element: 400,
  unsupported_encoding: 400,
  wrong_length: 400,
  digest_mismatch: 400,
  bad_signature: 401,
  invalid_token: 401,
  unauthorized: 401,
  unknown_device: 401,
  forbidden: 403,
  invalid_code: 403,
  revoked_device: 403,
  not_found: 404,
  no_open_round: 404,
  unknown_use_case: 404,
  upload_unknown: 404,
  stale_request: 408,
  too_slow: 408,
  epoch_not_open: 409,
  round_closed: 409,
  slot_taken: 409,
  wrong_slot: 409,
  stale_model: 409,
  token_spent: 409,
  use_case_exists: 409,
  wrong_state: 409,
  epoch_retired: 410,
  too_large: 413,
  norm_exceeded: 422,
  out_of_range: 422,
  quota_exhausted: 429,
  rate_limited: 429,
  internal: 500,
  overloaded: 503,
} satisfies Record<ProtocolCode, number>;

/** What a refused caller is told. Carries ids and sizes, never token, key or delta bytes. */
export interface Refusal {
  readonly code: ProtocolCode;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** A refusal on its way out. `message` is a sentence for people. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(
    readonly code: ProtocolCode,
    message: string,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }

  toRefusal(): Refusal {
    const { code, message, retryAfterMs } = this;
    return retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs };
  }
}
