import { z } from 'zod';

import { ConfigError, readConfig } from '#process';

import { CliError, EXIT } from '../cli-error.js';

/** The environment of a command that works on the database itself. @throws CliError exit code 2, naming what is wrong */
export function readAdminEnvironment<S extends z.ZodObject>(schema: S): Readonly<z.infer<S>> {
  try {
    return readConfig(schema);
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}
