import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { launchBrowser } from '../browser/chromium.js';
import { barriersOfPage } from './barriers-of-page.js';

/* Reads the built site as a person would, in a folder that it was not built for, after `npm run docs`: `npm run docs:browse -- [part of a page's name]`. */

const [only = ''] = process.argv.slice(2);
const SITE = fileURLToPath(new URL('../../docs-site', import.meta.url));
const PREFIX = '/some/folder/';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

const server = createServer((request, response) => {
  const path = new URL(request.url!, 'http://x').pathname;
  readFile(join(SITE, path.slice(PREFIX.length))).then(
    (bytes) => response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream').end(bytes),
    () => response.writeHead(404).end(),
  );
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const home = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PREFIX}`;
const browser = await launchBrowser();
const wrong: string[] = [];
const pages = (await readdir(SITE, { recursive: true }))
  .filter((path) => path.endsWith('.html') && path.includes(only))
  .sort();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('request', (request) => {
    if (!request.url().startsWith(home)) wrong.push(`it asked for ${request.url()}`);
  });
  page.on('pageerror', (error) => wrong.push(`${page.url()}: ${error.message}`));
  page.on('response', (answer) => {
    if (answer.status() >= 400) wrong.push(`${answer.url()} was answered ${answer.status()}`);
  });
  for (const path of pages) {
    await page.goto(`${home}${path}`);
    await page.waitForFunction("document.querySelector('#app')?.__vue_app__ !== undefined");
    if ((await page.title()) === '') wrong.push(`${path} has no title`);
    for (const sentence of await barriersOfPage(page)) wrong.push(`${path}, ${sentence}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${home}guide/quickstart.html`, { waitUntil: 'networkidle' });
  await page.getByRole('link', { name: 'Blind tokens' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Blind tokens' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox').fill('token_spent');
  await page.getByRole('option').first().click();
  await page.waitForURL(/\.html#/);
} finally {
  await browser.close();
  server.close();
}
for (const sentence of wrong) console.error(sentence);
console.log(`${pages.length} pages read in ${PREFIX}, in both themes, ${wrong.length} wrong`);
process.exitCode = wrong.length > 0 ? 1 : 0;
