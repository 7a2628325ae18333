/** Everything a credential can be refused for. Closed: an app maps each code to a status. */
export type CredentialErrorCode =
  | 'malformed_element'
  | 'malformed_scalar'
  | 'identity_element'
  | 'zero_key'
  | 'underivable_key'
  | 'empty_batch'
  | 'batch_too_large'
  | 'mismatched_batch'
  | 'duplicate_element'
  | 'invalid_proof'
  | 'invalid_input'
  | 'invalid_randomness'
  | 'unknown_suite';

/**
 * An element, scalar, proof or input did not hold.
 *
 * The message names what was refused and its size, never its bytes. A lower library's error is not
 * kept as `cause` for the same reason: it may quote the value it refused.
 */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';

  constructor(
    readonly code: CredentialErrorCode,
    message: string,
  ) {
    super(message);
  }
}
