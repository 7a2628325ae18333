import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { brokenLinks } from '../../docs/site/build/check-links.js';
import { BASE, movablePage, movableScript, upFrom } from '../../docs/site/build/movable.js';
import { relink } from '../../docs/site/build/relink.js';
import { deadLinks, documentsOf } from './clone-links.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const check = (html: string): string[] => {
  const pages = new Map([
    ['guide/a.html', html],
    ['b.html', '<h2 id="there">'],
    ['guide/index.html', ''],
  ]);
  return brokenLinks(pages, new Set([...pages.keys(), 'assets/x.js']));
};

describe('links of the built site', () => {
  it('[DOC3] that lead somewhere are fine', () => {
    const good = ['../b.html', '../b.html#there', './', '#own', 'https://example.org/x', 'mailto:a@example.org'];
    expect(check(`<p id="own">${good.map((href) => `<a href="${href}">x</a>`).join('')}`)).toEqual([]);
    expect(check('<script type="module" src="../assets/x.js"></script>')).toEqual([]);
  });

  it.each([
    ['a page that is not there', '<a class="x" href="../c.html">x</a>', /c\.html leads nowhere/],
    ['an anchor that is not there', '<a href="../b.html#here">x</a>', /b\.html has no anchor here/],
    ['a script from elsewhere', '<script src="https://cdn.example/x.js"></script>', /would load https/],
    ['a style from wherever', '<link rel="stylesheet" href="//fonts.example/x.css">', /would load \/\/fonts/],
    ['a picture that is not there', '<img alt="" src="y.png">', /y\.png is not there/],
  ])('[DOC3] %s is found', (_, html, sentence) => {
    expect(check(html)).toEqual([expect.stringMatching(sentence)]);
  });

  it('[DOC3] of documents from elsewhere lead to pages, and to no file that is not in the site', () => {
    const text = '[wire](wire.md#refusals), [11](adr/0011-dependencies.md), [its test](../test/x.ts), `[no](link.md)`';
    expect(relink(text, 'docs/architecture.md', 'project/architecture')).toBe(
      '[wire](../protocol/wire.md#refusals), [11](./decisions/0011-dependencies.md), `its test`, `[no](link.md)`',
    );
    expect(relink('![x](pictures/x.svg)', 'docs/site/index.md', 'index')).toBe('![x](pictures/x.svg)');
    expect(relink('![x](images/pages/x.png)', 'docs/acs.md', 'protocol/acs')).toBe('![x](../images/pages/x.png)');
  });
});

describe('links in a clone', () => {
  it('[DOC7] lead to what is there without a build', () => {
    const documents = documentsOf(ROOT);
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/wire.md', 'docs/site/how-to/operate.md']));
    expect(documents.flatMap((document) => deadLinks(ROOT, document))).toEqual([]);
  });

  // Kills: a check that looks at nothing, at what a build left, or not at anchors.
  it('[DOC7] that do not are found: a page of the site, what was built, a heading that is none', () => {
    const root = mkdtempSync(join(tmpdir(), 'starling-links-'));
    try {
      mkdirSync(join(root, 'dist'));
      writeFileSync(join(root, 'dist/page.md'), '');
      writeFileSync(join(root, 'there.md'), '# The [one](x.md) `heading`\n\n```sh\n# none\n```\n');
      const links = ['there.md#the-one-heading', 'there.md#none', 'dist/page.md', '../reference/errors.md', '#none'];
      const fine = '`[code](nowhere.md)` [elsewhere](https://example.org/x)';
      writeFileSync(join(root, 'a.md'), `${links.map((link) => `[x](${link})`).join(' ')} ${fine}\n`);
      expect(documentsOf(root)).toEqual(['a.md', 'there.md']);
      expect(deadLinks(root, 'a.md')).toEqual([
        'a.md: there.md has no heading #none',
        'a.md: there is no dist/page.md',
        'a.md: there is no ../reference/errors.md',
        'a.md: a.md has no heading #none',
      ]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('[DOC7] to what a reference is written from lead to the reference on the site', () => {
    const text = '[codes](../../../libs/client/src/errors.ts), [flags](../../../apps/cli/src/program.ts)';
    expect(relink(text, 'docs/site/how-to/x.md', 'how-to/x')).toBe(
      '[codes](../reference/errors.md#on-the-device), [flags](../reference/commands.md)',
    );
  });
});

describe('a built site', () => {
  it('[DOC5] has no address that depends on where it stands', () => {
    expect([upFrom(''), upFrom('guide'), upFrom('reference/code')]).toEqual(['./', '../', '../../']);
    const html = `<a href="${BASE}b.html">b</a><script>window.x=JSON.parse("{\\"base\\":\\"${BASE}\\"}")</script>`;
    const page = movablePage(html, '../');
    expect(page).not.toContain(BASE);
    expect(page).toContain('<a href="../b.html">');
    // As a browser would run it, below /docs/guide/.
    const script = /<script>(.*)<\/script>/.exec(page)![1]!;
    const window: { x?: unknown } = {};
    new Function('window', 'location', script)(window, { href: 'https://example.org/docs/guide/a.html' });
    expect(window.x).toEqual({ base: '/docs/' });
  });

  it('[DOC5] has scripts that find its folder from their own address', () => {
    const run = (script: string): unknown =>
      new Function('address', movableScript(script, '../').replaceAll('import.meta.url', 'address'))(
        'https://example.org/docs/assets/app.js',
      );
    expect(run(`return "${BASE}"`)).toBe('/docs/');
    expect(run(`const a=["${BASE}x.html",\`${BASE}\${1}\`];return a`)).toEqual(['/docs/x.html', '/docs/1']);
    expect(run(`const e='{"0":"${BASE}a.html#b"}';return JSON.parse(e)`)).toEqual({ 0: '/docs/a.html#b' });
  });
});
