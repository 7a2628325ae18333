import { ClientError } from '#client';

import { CliError, EXIT } from '../cli-error.js';

/** A device's error as a command's. */
export async function orCliError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    throw new CliError(
      error.code === 'unreachable' ? EXIT.nothingRunning : EXIT.failed,
      `${error.message}.`,
      error.code,
    );
  }
}
