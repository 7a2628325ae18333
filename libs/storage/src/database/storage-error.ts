export type StorageErrorCode =
  | 'not_durable'
  | 'not_migrated'
  | 'read_only'
  | 'body_missing'
  | 'body_damaged'
  | 'bad_digest'
  | 'contradiction'
  | 'wrong_master_key'
  | 'kms_failed'
  | 'not_empty'
  | 'newer_version';

/** Storage broke, as opposed to a "no" of the protocol, which is a return value. Never carries content. */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(
    readonly code: StorageErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
