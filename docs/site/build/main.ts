import { watch } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { assemble, copyOwn } from './assemble.js';
import { brokenLinks, readBuilt } from './check-links.js';
import { BASE, makeMovable } from './movable.js';

/* The documentation site: `npm run docs` builds it into dist/docs-site, `npm run docs:dev` serves it while it is written. */

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const PAGES = join(ROOT, 'dist/docs-pages');
const SITE = join(ROOT, 'dist/docs-site');

await assemble(ROOT, PAGES);
// Imported late: it takes a second, and reads the folder of the pages.
const { build, createServer } = await import('vitepress');
if (process.argv.includes('--dev')) await serve();
else await make();

async function make(): Promise<void> {
  await rm(SITE, { recursive: true, force: true });
  await build(join(ROOT, 'docs/site'), { base: BASE });
  await makeMovable(SITE);
  const { pages, files } = await readBuilt(SITE);
  const broken = brokenLinks(pages, files);
  for (const sentence of broken) console.error(sentence);
  console.log(`${pages.size} pages in dist/docs-site, ${broken.length} broken links`);
  if (broken.length > 0) process.exitCode = 1;
}

async function serve(): Promise<void> {
  const server = await createServer(join(ROOT, 'docs/site'));
  await server.listen();
  server.printUrls();
  const changed = (): void => void copyOwn(ROOT, PAGES).catch((error: unknown) => console.error(error));
  watch(join(ROOT, 'docs/site'), { recursive: true }, changed);
}
