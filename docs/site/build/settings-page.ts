import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { z } from 'zod';

import { CoordinatorConfig } from '../../../apps/coordinator/src/config.js';
import { IntakeConfig } from '../../../apps/intake/src/config.js';
import { IssuerConfig } from '../../../apps/issuer/src/config.js';
import { WorkerConfig } from '../../../apps/worker/src/config.js';
import type { Page } from './pages.js';

const PROCESSES: readonly (readonly [name: string, knows: string, schema: z.ZodObject])[] = [
  ['issuer', 'Knows who.', IssuerConfig],
  ['intake', 'Knows what.', IntakeConfig],
  ['coordinator', 'Knows when.', CoordinatorConfig],
  ['worker', 'Knows how much. It has no key.', WorkerConfig],
];

/** Where settings that several processes share have their comments. */
const SHARED = ['libs/storage/src/keys/master-key.ts', 'apps/intake/src/permit-key.ts'];

/** Settings whose names say it, or whose comment is a whole page's. */
const PLAIN: Readonly<Record<string, string>> = {
  DATABASE_URL: 'PostgreSQL, as the role of this process',
  TLS_CERT_FILE: 'PEM, the whole chain; with it and the key the process speaks TLS and nothing else',
  TLS_KEY_FILE: 'PEM, the key of the certificate',
  HOST: 'address to listen on',
  PORT: 'port to listen on; 0: any that is free',
  AUDIENCE: 'name of the deployment: part of everything a device signs',
  MODELS_DIRECTORY: 'folder of models, topologies and evaluation sets, shared by coordinator and worker',
  BODIES_DIRECTORY: 'folder of the body store, shared by intake and worker',
  MAX_CONNECTIONS: 'connections at a time',
  ENROLMENTS_PER_MINUTE: 'attempts to enrol that each issuer process takes in a minute, with all codes',
};

/** The reference of what each process reads from its environment, from the schemas that it reads it with. */
export async function settingsPage(root: string): Promise<Page> {
  const sections = await Promise.all(
    PROCESSES.map(async ([name, knows, schema]) => {
      const files = [`apps/${name}/src/config.ts`, ...SHARED];
      const source = (await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')))).join('\n');
      const rows = Object.entries(schema.shape).map(([key, field]) => row(key, field as z.ZodType, source));
      return `## ${name}\n\n${knows}\n\n| variable | | |\n|---|---|---|\n${rows.join('\n')}\n`;
    }),
  );
  const text = `# Settings of processes

Each process reads its environment once, when it starts, and names all bad variables at once. An empty variable is an unset
one. \`starling up\` sets what is needed, and passes on \`ALLOWED_ORIGINS\`, \`STRATEGY_MODULES\`, \`CREDENTIAL_ENGINE\`, \`LOG_FORMAT\`
and \`OTEL_EXPORTER_OTLP_ENDPOINT\`, \`_HEADERS\` and \`_CERTIFICATE\`: [Logs](../project/operations.md#logs) and
[Traces](../project/operations.md#traces) say what these do.

${sections.join('\n')}`;
  return { path: 'reference/settings', text };
}

function row(name: string, field: z.ZodType, source: string): string {
  const unset = field.safeParse(undefined);
  const fallback = unset.success ? shown(unset.data) : 'required';
  return `| \`${name}\` | ${meaningOf(name, source)} | ${fallback} |`;
}

const shown = (value: unknown): string =>
  value === undefined || (Array.isArray(value) && value.length === 0) ? 'none' : `\`${String(value)}\``;

function meaningOf(name: string, source: string): string {
  const [, comment] = new RegExp(String.raw`/\*\*((?:(?!\*/)[\s\S])+)\*/\n\s+${name}[:,]`).exec(source) ?? [];
  const meaning =
    comment
      ?.replaceAll(/\n\s+\*/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim() ?? PLAIN[name];
  if (meaning === undefined) throw new Error(`the setting ${name} has no comment: say above it what it is`);
  return meaning;
}
