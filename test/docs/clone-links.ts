import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { githubSlug } from '../../docs/site/build/github-slug.js';
import { LINK, outsideCode } from '../../docs/site/build/relink.js';

/** What a build or a run makes: a clone has none of it. */
const MADE = /^(node_modules|dist|data|coverage|\.cache|\.git)(\/|$)/;
const HEADING = /^#{1,6} +(.+?) *#*$/gm;

/** All documents of the repository, by their paths from its root. */
export function documentsOf(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name === 'node_modules' || MADE.test(path)) return [];
    if (entry.isDirectory()) return documentsOf(root, path);
    return entry.isFile() && path.endsWith('.md') ? [path] : [];
  });
}

/** Links and pictures of a document that lead nowhere in a clone, each a sentence. */
export function deadLinks(root: string, document: string): string[] {
  const dead: string[] = [];
  outsideCode(readFileSync(join(root, document), 'utf8'), (prose) => {
    for (const [, , , target = ''] of prose.matchAll(LINK)) {
      if (/^(https?|mailto):/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const there = path === '' ? join(root, document) : join(root, dirname(document), path);
      if (MADE.test(relative(root, there)) || !existsSync(there)) dead.push(`${document}: there is no ${target}`);
      else if (anchor !== undefined && there.endsWith('.md') && !anchorsOf(there).has(anchor))
        dead.push(`${document}: ${relative(root, there)} has no heading #${anchor}`);
    }
    return prose;
  });
  return dead;
}

/** Two headings of one text get one anchor here, which is enough to know that it is there. */
function anchorsOf(file: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const text = readFileSync(file, 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  for (const [, heading = ''] of text.matchAll(HEADING))
    anchors.add(githubSlug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')));
  return anchors;
}
