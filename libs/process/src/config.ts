import type { z } from 'zod';

/** The environment does not fit. Names every bad variable; never shows the value of a secret one. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'invalid_environment';

  constructor(
    message: string,
    readonly variables: readonly string[],
  ) {
    super(message);
  }
}

/** A URL counts as a secret: DATABASE_URL and REDIS_URL carry passwords. */
const SECRET_NAME = /PASSWORD|SECRET|KEY|TOKEN|URL/i;
const LONGEST_SHOWN_VALUE = 60;

/**
 * Reads a process's configuration once, at its start.
 *
 * Only variables the schema names are looked at. An empty variable counts as unset, so that
 * `PORT=` takes its default instead of becoming the number 0.
 *
 * @returns a frozen object
 * @throws ConfigError naming all bad variables at once
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<z.infer<S>> {
  const input = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, env[name] || undefined]));
  const result = schema.safeParse(input);
  if (result.success) return Object.freeze(result.data);

  const complaints = new Map<string, string>();
  for (const issue of result.error.issues) {
    const variable = String(issue.path[0] ?? '(variables together)');
    if (!complaints.has(variable))
      complaints.set(variable, complaint(variable, env[variable] || undefined, issue.message));
  }
  const variables = [...complaints.keys()];
  const lines = variables.map((variable) => `\n  ${variable}: ${complaints.get(variable)}`);
  throw new ConfigError(`the environment has ${variables.length} bad variable(s):${lines.join('')}`, variables);
}

/** A schema's own message may quote the value, so a secret variable gets ours instead. */
function complaint(variable: string, value: string | undefined, message: string): string {
  if (value === undefined) return SECRET_NAME.test(variable) ? 'missing' : `missing (${message})`;
  if (SECRET_NAME.test(variable)) return 'set, but not valid (value not shown)';
  return `${message}, got ${JSON.stringify(value.slice(0, LONGEST_SHOWN_VALUE))}`;
}
