import type { OpenAPIObject } from '@nestjs/swagger';

import type { Page } from './pages.js';

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean | number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}
interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
  readonly security?: readonly unknown[];
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** The reference of the coordinator's HTTP API, written from its OpenAPI document. */
export function apiPage(document: OpenAPIObject): Page {
  const routes = routesOf(document);
  const tags = [...new Set(routes.map(tagOf))];
  const sections = tags.map(
    (tag) =>
      `## ${capital(tag)}\n\n${routes
        .filter((route) => tagOf(route) === tag)
        .map(describe)
        .join('\n')}`,
  );
  const text = `# HTTP API

This is what the coordinator answers. A running one shows the same at \`/docs\`, and as OpenAPI at \`/openapi.json\`; this page
is written from that document. Bodies are JSON, and a field that is not listed is refused. An API key goes into the header
\`Authorization: Bearer …\`; [each key has scopes](../how-to/operate.md#api-keys). A refusal is
\`{ "code", "message" }\` with one of [these codes](./errors.md#coordinator).

${sections.join('\n')}`;
  return { path: 'reference/http-api', text };
}

export const routesOf = ({ paths }: OpenAPIObject): Route[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({ method, path, operation })),
  );

const tagOf = ({ operation, path }: Route): string =>
  operation.tags?.[0] ?? (path.startsWith('/v1') ? 'others' : 'health');

export const routeName = ({ method, path }: Pick<Route, 'method' | 'path'>): string =>
  `${method.toUpperCase()} ${path}`;

function describe(route: Route): string {
  const { summary = '', parameters = [], requestBody, responses, security } = route.operation;
  const needsKey = security !== undefined && security.length > 0;
  const [success = '200'] = Object.keys(responses);
  const fields = [
    ...parameters.map((p) => row(p.name, `in the ${p.in}`, p.required === true, p.schema ?? {})),
    ...Object.values(requestBody?.content ?? {}).flatMap(({ schema = {} }) => rows(schema)),
  ];
  const table = fields.length === 0 ? '' : `\n| field | | |\n|---|---|---|\n${fields.join('\n')}\n`;
  return `### \`${routeName(route)}\`\n\n${summary}. Answers ${success}; ${needsKey ? 'needs an API key' : 'asks for no key'}.\n${table}`;
}

/** A row for each field, those of objects in it below it with its name in front. */
function rows({ properties = {}, required = [] }: Schema, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const full = `${prefix}${name}`;
    const inner = schema.items?.properties === undefined ? schema : schema.items;
    const list = inner === schema ? '' : '[]';
    return [row(full, typeOf(schema), required.includes(name), schema), ...rows(inner, `${full}${list}.`)];
  });
}

function row(name: string, kind: string, required: boolean, schema: Schema): string {
  const fallback = schema.default === undefined ? 'optional' : `default \`${JSON.stringify(schema.default)}\``;
  return `| \`${name}\` | ${kind} | ${[required && schema.default === undefined ? 'required' : fallback, ...bounds(schema)].join('; ')} |`;
}

function typeOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  return schema.type ?? 'anything';
}

function bounds(schema: Schema): string[] {
  const { minimum, maximum, exclusiveMinimum, minLength, maxLength, minItems, maxItems, pattern } = schema;
  const least = typeof exclusiveMinimum === 'number' ? exclusiveMinimum : minimum;
  const above = exclusiveMinimum === undefined ? '≥' : '>';
  return [
    ...(least === undefined ? [] : [`${above} ${number(least)}`]),
    ...(maximum === undefined ? [] : [`≤ ${number(maximum)}`]),
    ...span(minLength, maxLength, 'characters'),
    ...span(minItems, maxItems, 'of them'),
    ...(pattern === undefined ? [] : [`\`${pattern.replaceAll('|', '\\|')}\``]),
  ];
}

function span(least: number | undefined, most: number | undefined, what: string): string[] {
  if (most === undefined) return least === undefined ? [] : [`${least} ${what} or more`];
  return [`${least ?? 0} to ${number(most)} ${what}`];
}

const number = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: 9 });
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replaceAll('-', ' ');
