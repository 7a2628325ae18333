import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';

import { barriersOfPage } from '../docs/barriers-of-page.js';
import { launchBrowser } from './chromium.js';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
}, 60_000);
afterAll(() => browser.close());

/** As the site switches: a class of the root follows what the reader's system wants. */
const pageOf = (styles: string, body: string): string => `<!doctype html><html lang="en"><title>A page</title>
  <style>body { background: #fff; color: #222; } .dark body { background: #222; color: #eee; } a { color: inherit; } ${styles}</style>
  <main><h1>A page</h1><p>Some words</p><ul><li><a href="#x">A link</a></li></ul>
  <button>Go</button><img alt="Nothing" src="data:,">${body}</main>
  <script>
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => document.documentElement.classList.toggle('dark', dark.matches);
    dark.addEventListener('change', follow);
    follow();
  </script>`;

async function read(styles: string, body: string): Promise<string[]> {
  const page = await browser.newPage();
  await page.setContent(pageOf(styles, body));
  const found = await barriersOfPage(page);
  await page.close();
  return found.map((sentence) => sentence.split(' ×')[0]!);
}

// Kills: a check that looks at one theme, at one width, or at nothing; one that passes everything.
it('[DOC8] finds what keeps people out in the dark, or on a phone, alone', async () => {
  expect(await read('', '<p>More words</p>')).toEqual([]);
  const pale = '.pale { color: #333; transition: color 9s; } .dark .pale { color: #444; }';
  expect(await read(pale, '<p class="pale">Hardly to be read</p>')).toEqual(['dark, 1280 px: color-contrast']);
  expect(await read('#x { display: none; } @media (max-width: 500px) { #x { display: block; } }', NAMELESS)).toEqual([
    'dark, 375 px: button-name',
  ]);
}, 60_000);

const NAMELESS = '<div id="x"><button></button></div>';
