import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Stands for the site's folder until the pages are built. */
export const BASE = '/__starling_docs__/';

/**
 * Lets a built site stand in any folder of any server: pages get relative addresses, and scripts find the site's folder from
 * their own address. VitePress wants to know it when it builds.
 */
export async function makeMovable(site: string): Promise<void> {
  const files = await readdir(site, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile() && /\.(html|js|css|json)$/.test(entry.name))) {
    const path = join(file.parentPath, file.name);
    const text = await readFile(path, 'utf8');
    if (!text.includes(BASE)) continue;
    const up = upFrom(relative(site, dirname(path)));
    await writeFile(path, path.endsWith('.js') ? movableScript(text, up) : movablePage(text, up));
  }
}

/** From a folder of the site to the site: './', '../', '../../'. */
export const upFrom = (folder: string): string => (folder === '' ? './' : '../'.repeat(folder.split('/').length));

/** In a page the base itself, for its scripts, is found when it is read; every other address becomes relative. */
export function movablePage(html: string, up: string): string {
  return html
    .replaceAll(`\\"base\\":\\"${BASE}\\"`, `\\"base\\":\\""+new URL("${up}",location.href).pathname+"\\"`)
    .replaceAll(BASE.replaceAll('/', '_'), '')
    .replaceAll(BASE, up);
}

/** In a script every string that begins with the base becomes one that begins with where the script is. */
export function movableScript(script: string, up: string): string {
  const place = `new URL("${up}",import.meta.url).pathname`;
  // The index of the search is JSON in one string.
  if (/^const \w+='\{/.test(script)) return script.replaceAll(BASE, `'+${place}+'`);
  return script
    .replaceAll(`"${BASE}"`, `(${place})`)
    .replaceAll(`"${BASE}`, `${place}+"`)
    .replaceAll('`' + BASE, '`${' + place + '}');
}
