import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import { ConfigError, readConfig } from './config.js';

const Schema = z.object({
  PORT: z.coerce.number().int().min(1).default(8080),
  MODE: z.enum(['fast', 'safe']),
  DATABASE_URL: z
    .string()
    .refine((url) => url.startsWith('postgres://'), { error: (issue) => `not postgres: ${String(issue.input)}` }),
});

function refusal(env: Record<string, string>): ConfigError {
  try {
    readConfig(Schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('it was accepted');
}

describe('readConfig', () => {
  it('[PRC1] gives a frozen object, with defaults, of the variables the schema names', () => {
    const config = readConfig(Schema, { MODE: 'safe', DATABASE_URL: 'postgres://db', HOME: '/home/x' });
    expect(config).toEqual({ PORT: 8080, MODE: 'safe', DATABASE_URL: 'postgres://db' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  // Mutant: without "empty is unset", z.coerce.number() makes PORT= the port 0.
  it('[PRC1] takes an empty variable for an unset one', () => {
    expect(readConfig(Schema, { PORT: '', MODE: 'safe', DATABASE_URL: 'postgres://db' }).PORT).toBe(8080);
  });

  // Mutant: stopping at the first issue.
  it('[PRC2] names all bad variables at once', () => {
    const error = refusal({ PORT: '99x', MODE: 'slow' });
    expect(error.variables).toEqual(['PORT', 'MODE', 'DATABASE_URL']);
    expect(error.message).toContain('PORT: ');
    expect(error.message).toContain('"99x"');
    expect(error.message).toContain('DATABASE_URL: missing');
  });

  // Mutant: passing on zod's message, in which this schema quotes the password.
  it('[PRC2] never shows the value of a secret variable', () => {
    const error = refusal({ MODE: 'safe', DATABASE_URL: 'mysql://root:hunter2@db' });
    expect(error.variables).toEqual(['DATABASE_URL']);
    expect(error.message + error.stack).not.toContain('hunter2');
  });
});
