import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';

/** Built pages by their path in the site, as `guide/quickstart.html`. */
export type BuiltPages = ReadonlyMap<string, string>;

export async function readBuilt(site: string): Promise<{ pages: BuiltPages; files: ReadonlySet<string> }> {
  const entries = (await readdir(site, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = entries.map((entry) => relative(site, join(entry.parentPath, entry.name)));
  const html = files.filter((file) => file.endsWith('.html'));
  const pages = await Promise.all(html.map(async (file) => [file, await readFile(join(site, file), 'utf8')] as const));
  return { pages: new Map(pages), files: new Set(files) };
}

/** What is wrong with a site's links, in sentences: dead ones, dead anchors, and whatever a page would load from elsewhere. */
export function brokenLinks(pages: BuiltPages, files: ReadonlySet<string>): string[] {
  const anchors = new Map([...pages].map(([path, html]) => [path, anchorsOf(html)]));
  return [...pages].flatMap(([path, html]) => [
    ...[...html.matchAll(/<a\b[^>]*?\shref="([^"]+)"/g)].flatMap(([, href]) =>
      deadLink(path, unescape(href!), files, anchors),
    ),
    ...[...html.matchAll(/<(?:script|img|link|source|iframe)\b[^>]*?\s(?:src|href)="([^"]+)"/g)].flatMap(
      ([, address]) => loaded(path, unescape(address!), files),
    ),
  ]);
}

const anchorsOf = (html: string): ReadonlySet<string> =>
  new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => unescape(id!)));

function deadLink(
  page: string,
  href: string,
  files: ReadonlySet<string>,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  if (/^(https?|mailto):/.test(href)) return [];
  const [path = '', anchor] = href.split('#');
  const there = targetOf(page, path);
  if (!files.has(there)) return [`${page}: the link to ${href} leads nowhere`];
  if (anchor === undefined || anchor === '' || anchors.get(there)?.has(decodeURIComponent(anchor)) !== false) return [];
  return [`${page}: ${there} has no anchor ${decodeURIComponent(anchor)}`];
}

function loaded(page: string, address: string, files: ReadonlySet<string>): string[] {
  if (/^([a-z]+:|\/\/)/i.test(address)) return [`${page}: it would load ${address}`];
  return files.has(targetOf(page, address)) ? [] : [`${page}: ${address} is not there`];
}

function targetOf(page: string, path: string): string {
  const there = path === '' ? page : posix.join(posix.dirname(page), path);
  return there === '.' || there.endsWith('/') ? posix.join(there, 'index.html') : there;
}

const unescape = (text: string): string =>
  text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
