import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';

const DASHBOARD = new URL('../../dashboard/', import.meta.url);
const MOST_AT_FIRST = 300_000;

const file = (name: string): Promise<string> => readFile(new URL(name, DASHBOARD), 'utf8');

/** A file with all that it loads at once; what it loads later is left out. */
async function withImports(name: string, seen = new Map<string, string>()): Promise<Map<string, string>> {
  if (seen.has(name)) return seen;
  const text = await file(name);
  seen.set(name, text);
  if (!name.endsWith('.js')) return seen;
  for (const [, path] of text.matchAll(
    /(?:^|[;}\s])(?:import|export)\s*(?:[\w*{}\s,$]+?\s*from\s*)?["'`]\.\/([\w.-]+\.js)["'`]/g,
  )) {
    await withImports(`assets/${path}`, seen);
  }
  return seen;
}

const gzipped = (files: ReadonlyMap<string, string>): number =>
  [...files.values()].reduce((sum, text) => sum + gzipSync(text).length, 0);

/** What the page asks for before anything can be seen: the entry and the overview, with their styles. */
async function firstLoad(): Promise<Map<string, string>> {
  const html = await file('index.html');
  const files = new Map<string, string>();
  for (const [, path] of html.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"/g)) await withImports(path!, files);
  for (const name of await readdir(new URL('assets/', DASHBOARD))) {
    if (/^overview.*\.(js|css)$/.test(name)) await withImports(`assets/${name}`, files);
  }
  return files;
}

describe('the built dashboard', () => {
  // Kills: a library drawn in at the front; a page that is no longer loaded lazily.
  it('[DSH8] shows the overview after less than 300 kB gzipped, without TensorFlow.js and schemas', async () => {
    const files = await firstLoad();
    const size = gzipped(files);
    console.log(`the overview: ${files.size} files, ${size} bytes gzipped`);
    expect(size).toBeGreaterThan(100_000);
    expect(size).toBeLessThan(MOST_AT_FIRST);
    const text = [...files.values()].join('\n');
    expect(text).not.toMatch(/loadLayersModel|tfjs/);
    expect(text).not.toContain('ZodObject');
  });

  it('[DSH8] has TensorFlow.js in one file that is loaded when somebody tries a model', async () => {
    const names = (await readdir(new URL('assets/', DASHBOARD))).filter((name) => name.endsWith('.js'));
    const texts = await Promise.all(names.map((name) => file(`assets/${name}`)));
    const holders = names.filter((_, i) => texts[i]!.includes('loadLayersModel') || texts[i]!.includes('LayersModel'));
    expect(holders).toEqual([expect.stringMatching(/^try-model-/)]);
  });
});
