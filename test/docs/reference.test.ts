import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { CLIENT_CODES } from '#client';
import { COORDINATOR_CODES, HTTP_STATUS, INTAKE_CODES, ISSUER_CODES } from '#protocol';

import { IssuerConfig } from '../../apps/issuer/src/config.js';
import { WorkerConfig } from '../../apps/worker/src/config.js';
import { apiDocument } from '../../docs/site/build/api-document.js';
import { apiPage, routeName, routesOf } from '../../docs/site/build/api-page.js';
import { withTables } from '../../docs/site/build/assemble.js';
import { allCommands, commandPage } from '../../docs/site/build/command-pages.js';
import { errorPage } from '../../docs/site/build/error-page.js';
import { settingsPage } from '../../docs/site/build/settings-page.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const fileOf = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

describe('the reference', () => {
  it('[DOC4] has every command with every option', () => {
    const { text } = commandPage();
    const commands = allCommands();
    expect(commands.length).toBeGreaterThan(30);
    for (const [name, command] of commands) {
      const [, section] = text.split(new RegExp(`^#{2,3} ${name}$`, 'm'));
      expect({ name, section }).toEqual({ name, section: expect.stringContaining(`starling ${name}`) });
      const own = section!.split(/^#{2,3} /m)[0]!;
      for (const { long } of command.options) expect(own).toContain(`${long}`);
    }
  });

  // Kills: a page that is written from a list of its own.
  it('[DOC4] has every route of the coordinator, and every field that one takes', async () => {
    const document = await apiDocument();
    const { text } = apiPage(document);
    const routes = routesOf(document);
    expect(routes.length).toBeGreaterThan(30);
    for (const route of routes) expect(text).toContain(`### \`${routeName(route)}\`\n`);
    const [, created] = text.split('### `POST /v1/use-cases`\n');
    for (const field of ['kMin', 'privacy.noiseMultiplier', 'layout[].shape', 'strategy.name'])
      expect(created!.split('### ')[0]).toContain(`\`${field}\``);
  });

  it('[DOC4] has every code of each process and of the device, with its status and what to do', async () => {
    const { text } = errorPage(await fileOf('docs/wire.md'), await fileOf('libs/client/src/errors.ts'));
    const lists = { Issuer: ISSUER_CODES, Intake: INTAKE_CODES, Coordinator: COORDINATOR_CODES };
    for (const [title, codes] of Object.entries(lists)) {
      const section = text.split(`## ${title}\n`)[1]!.split('\n## ')[0]!;
      for (const code of codes)
        expect(section).toMatch(
          new RegExp(`^\\| \`${code}\` \\| ${HTTP_STATUS[code]} \\| [^|]{4,} \\| [^|]{4,} \\|$`, 'm'),
        );
    }
    for (const code of CLIENT_CODES) expect(text.split('## On the device')[1]).toContain(`| \`${code}\` | `);
  });

  it('[DOC4] is not written while a code has no meaning', async () => {
    const wire = (await fileOf('docs/wire.md')).replaceAll(/^\| `slot_taken` .*$/gm, '');
    const client = await fileOf('libs/client/src/errors.ts');
    expect(() => errorPage(wire, client)).toThrow(/slot_taken has no meaning/);
  });

  it('[DOC4] has every setting of each process', async () => {
    const { text } = await settingsPage(ROOT);
    for (const [name, schema] of [
      ['issuer', IssuerConfig],
      ['worker', WorkerConfig],
    ] as const) {
      const section = text.split(`## ${name}\n`)[1]!.split('\n## ')[0]!;
      for (const setting of Object.keys(schema.shape)) expect(section).toContain(`| \`${setting}\` | `);
    }
  });

  it('[DOC4] figures of privacy are those that the coordinator counts with', () => {
    // σ 1 for three rounds is ε 9.25 in docs/robustness.md, σ 4 for ten 3.75.
    const table = withTables('<!-- table: epsilon-of-sigma -->');
    expect(table).toMatch(/^\| 1 \| [\d.]+ \| 9\.25 \|/m);
    expect(table).toMatch(/^\| 4 \| [\d.]+ \| 1\.93 \| 3\.75 \|/m);
    // As DPR53 and DPR62 have them.
    const noise = withTables('<!-- table: noise-in-models -->');
    expect(noise).toMatch(/^\| 256 \| 64 \| 6\.27 \| 2\.03 \| 16 \| 3\.07 \| 2\.94 \|$/m);
    expect(noise).toMatch(/^\| 1,024 \| 64 \| 7\.44 \| 2\.18 \| 64 \| 5\.48 \| 5\.18 \|$/m);
    expect(() => withTables('<!-- table: none -->')).toThrow('there is no table none');
  });
});
