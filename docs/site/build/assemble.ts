import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { apiDocument } from './api-document.js';
import { apiPage } from './api-page.js';
import { codePages } from './code-pages.js';
import { commandPage } from './command-pages.js';
import { errorPage } from './error-page.js';
import { DECISIONS, DOCUMENTS, PICTURES, type Page } from './pages.js';
import { TABLES } from './privacy-tables.js';
import { relink } from './relink.js';
import { settingsPage } from './settings-page.js';

/** Where VitePress reads the pages from: those of docs/site, documents from elsewhere, and what is written from the code. */
export async function assemble(root: string, out: string): Promise<void> {
  await rm(out, { recursive: true, force: true });
  await copyOwn(root, out);
  await cp(join(root, PICTURES.source), join(out, PICTURES.page), { recursive: true });
  const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8');
  const written = [
    commandPage(),
    apiPage(await apiDocument()),
    errorPage(await read('docs/wire.md'), await read('libs/client/src/errors.ts')),
    await settingsPage(root),
    ...(await codePages(root)),
    ...(await documents(root, read)),
  ];
  for (const page of written) await write(out, page);
}

/** Pages and pictures of docs/site, with figures where a page asks for a table. */
export async function copyOwn(root: string, out: string): Promise<void> {
  const site = join(root, 'docs/site');
  const files = await readdir(site, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = relative(site, join(file.parentPath, file.name));
    if (/^(\.vitepress|build)\//.test(path)) continue;
    if (!path.endsWith('.md')) {
      await mkdir(dirname(join(out, path)), { recursive: true });
      await cp(join(site, path), join(out, path));
      continue;
    }
    const page = path.slice(0, -3);
    const text = relink(await readFile(join(site, path), 'utf8'), `docs/site/${path}`, page);
    await write(out, { path: page, text: await withSections(withTables(text), root, page) });
  }
}

/** `<!-- table: epsilon-of-sigma -->` becomes that table. */
export function withTables(text: string): string {
  return text.replaceAll(/<!-- table: ([\w-]+) -->/g, (_, name: string) => {
    const make = TABLES[name];
    if (make === undefined) throw new Error(`there is no table ${name}`);
    return make();
  });
}

const SECTION = /<!-- section: (\S+): (.+) -->/;

/** `<!-- section: README.md: What is protected -->` becomes what stands under that heading, so that it is written once. */
async function withSections(text: string, root: string, page: string): Promise<string> {
  const [mark, file = '', title = ''] = SECTION.exec(text) ?? [];
  if (mark === undefined) return text;
  const [, after] = (await readFile(join(root, file), 'utf8')).split(`## ${title}\n`);
  if (after === undefined) throw new Error(`${file} has no section ${title}, which ${page} wants`);
  return text.replace(mark, () => relink(after.split(/^## /m)[0]!.trim(), file, page));
}

async function documents(root: string, read: (file: string) => Promise<string>): Promise<Page[]> {
  const decisions = (await readdir(join(root, DECISIONS.source))).map(
    (name) =>
      [
        `${DECISIONS.source}/${name}`,
        `${DECISIONS.page}/${name === 'README.md' ? 'index' : name.slice(0, -3)}`,
      ] as const,
  );
  return Promise.all(
    [...DOCUMENTS, ...decisions].map(async ([file, path]) => ({ path, text: relink(await read(file), file, path) })),
  );
}

async function write(out: string, { path, text }: Page): Promise<void> {
  const file = join(out, `${path}.md`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
