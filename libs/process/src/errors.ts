export type ProcessErrorCode =
  'already_running' | 'died_before_ready' | 'ready_timeout' | 'crashed' | 'stopping' | 'exposed_secret' | 'bad_secret';

/** A process could not be started, or not be trusted. Never carries a secret's bytes. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';

  constructor(
    readonly code: ProcessErrorCode,
    message: string,
    options?: ErrorOptions & { readonly pid?: number },
  ) {
    super(message, options);
    this.pid = options?.pid;
  }

  /** The process the error is about, where it is one: the lock's holder, the child that died. */
  readonly pid: number | undefined;
}
