import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startEmbeddedPostgres, type EmbeddedPostgres } from '#storage/embedded';

import { openDirectory } from '../fixtures/postgres.js';
import { parsePage, type DocPage } from './blocks.js';
import { read } from './reading.js';

/*
 * Runs every command of the documentation as its reader would: `npm run docs:commands`, or with `-- --only first-use-case`.
 * Pages that go on from another one are read after it, in its folder and with its Starling.
 */

const SITE = fileURLToPath(new URL('../../../docs/site', import.meta.url));
const ORDER = ['guide', 'concepts', 'how-to', 'protocol', 'reference'];

const only = process.argv[process.argv.indexOf('--only') + 1];
const pages = await readPages();
const begins = pages.filter(({ continues }) => continues === undefined);
const totals = { pages: 0, ran: 0, compared: 0, skipped: 0, wrong: 0 };
for (const first of begins) {
  const chapter = [first, ...pages.filter(({ continues }) => continues === first.path)];
  if (!chapter.some(({ blocks }) => blocks.length > 0)) continue;
  if (process.argv.includes('--only') && !chapter.some(({ path }) => path.includes(only!))) continue;
  await readChapter(chapter);
}
console.log(
  `\n${totals.pages} pages: ${totals.ran} blocks run, ${totals.compared} outputs compared, ` +
    `${totals.skipped} not run, ${totals.wrong} wrong`,
);
process.exitCode = totals.wrong > 0 || totals.ran === 0 ? 1 : 0;

async function readChapter(chapter: readonly DocPage[]): Promise<void> {
  const server = chapter.some(({ needs }) => needs === 'postgresql') ? await emptyPostgres() : undefined;
  try {
    const { ran, skipped, compared, wrong, slowest, seconds } = await read(
      chapter,
      server === undefined ? {} : { DATABASE_URL: server.url },
    );
    console.log(
      `${chapter.map(({ path }) => path).join(', ')}: ${ran} run, ${compared} compared, ${seconds.toFixed(0)} s`,
    );
    console.log(`  slowest  ${slowest.join(', ')}`);
    for (const reason of skipped) console.log(`  not run  ${reason}`);
    for (const sentence of wrong) console.error(`\n${sentence}`);
    totals.pages += chapter.length;
    totals.ran += ran;
    totals.compared += compared;
    totals.skipped += skipped.length;
    totals.wrong += wrong.length;
  } finally {
    await server?.stop();
  }
}

/** A PostgreSQL with nothing in it, as an operator has one. */
async function emptyPostgres(): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ directory: join(await openDirectory(), 'postgres') });
}

async function readPages(): Promise<DocPage[]> {
  const names = (await readdir(SITE, { recursive: true })).filter((name) => name.endsWith('.md')).sort();
  const inOrder = [...ORDER.flatMap((folder) => names.filter((name) => name.startsWith(`${folder}/`))), 'index.md'];
  return Promise.all(
    inOrder.map(async (name) => parsePage(name.slice(0, -3), await readFile(join(SITE, name), 'utf8'))),
  );
}
