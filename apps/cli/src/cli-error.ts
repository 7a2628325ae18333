/** How the process ends; scripts rely on these. */
export const EXIT = { ok: 0, failed: 1, usage: 2, nothingRunning: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a person did or asked for cannot be done. `message` is a sentence, and says what to do where we know. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    /** the coordinator's code, where it was the coordinator that refused */
    readonly code?: string,
  ) {
    super(message);
  }
}
