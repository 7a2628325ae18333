export type EmbeddedPostgresErrorCode =
  | 'unsupported_platform'
  | 'cannot_leave_root'
  | 'unusable_directory'
  | 'foreign_cluster'
  | 'damaged_cluster'
  | 'wrong_version'
  | 'missing_password'
  | 'bad_setting'
  | 'initdb_failed'
  | 'start_failed'
  | 'start_timeout'
  | 'still_stopping'
  | 'already_running'
  | 'stopped_unasked';

/** The embedded PostgreSQL cannot be used. The message says what to do next and ends with the server's last words. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
