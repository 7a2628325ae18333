import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { launchBrowser } from '../browser/chromium.js';

/* Reads the built site as a person would, in a folder that it was not built for: `npm run docs:browse`, after `npm run docs`. */

const SITE = fileURLToPath(new URL('../../docs-site', import.meta.url));
const PREFIX = '/some/folder/';
const PAGES = ['index', 'guide/first-use-case', 'concepts/one-round', 'reference/http-api', 'project/decisions/index'];
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
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('request', (request) => {
    if (!request.url().startsWith(home)) wrong.push(`it asked for ${request.url()}`);
  });
  page.on('pageerror', (error) => wrong.push(`${page.url()}: ${error.message}`));
  page.on('response', (answer) => {
    if (answer.status() >= 400) wrong.push(`${answer.url()} was answered ${answer.status()}`);
  });
  for (const path of PAGES) {
    await page.goto(`${home}${path}.html`, { waitUntil: 'networkidle' });
    if ((await page.title()) === '') wrong.push(`${path} has no title`);
  }
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
console.log(`${PAGES.length + 2} pages read in ${PREFIX}, ${wrong.length} wrong`);
process.exitCode = wrong.length > 0 ? 1 : 0;
