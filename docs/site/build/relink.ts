import { posix } from 'node:path';

import { PICTURES, pageOf } from './pages.js';

/** A link or a picture in Markdown: what is shown, and where it goes. */
export const LINK = /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/g;
const CODE = /(^(`{3,})[^\n]*\n[\s\S]*?^\2[ \t]*$|`[^`\n]+`)/gm;

/**
 * A document with its links as its page has them: a document that is a page is linked as that, and what is no page, such as
 * a file of the code, is named without a link, because the site is read where there is no repository.
 *
 * @param file  of the document, from the repository's root
 * @param page  that it becomes
 */
export function relink(text: string, file: string, page: string): string {
  return outsideCode(text, (prose) =>
    prose.replace(LINK, (whole, mark: string, shown: string, target: string) => {
      if (/^(https?:|#|mailto:)/.test(target)) return whole;
      const [path = '', anchor] = target.split('#');
      const source = posix.join(posix.dirname(file), path);
      if (mark === '!') {
        if (!source.startsWith(`${PICTURES.source}/`)) return whole;
        return `![${shown}](${posix.relative(posix.dirname(page), source.replace(PICTURES.source, PICTURES.page))})`;
      }
      const there = pageOf(source);
      if (there === undefined) return shown.includes('`') ? shown : `\`${shown}\``;
      const [name, section = anchor] = there.split('#');
      const link = posix.relative(posix.dirname(page), `${name}.md`);
      return `[${shown}](${link.startsWith('.') ? link : `./${link}`}${section === undefined ? '' : `#${section}`})`;
    }),
  );
}

/** Changes what is not code. Links whose text is code are prose too, so only whole blocks and code outside of links are kept. */
export function outsideCode(text: string, change: (prose: string) => string): string {
  const kept: string[] = [];
  const keep = (code: string): string => `\uE000${kept.push(code) - 1}\uE001`;
  const prose = change(text.replace(CODE, keep));
  return prose.replace(/\uE000(\d+)\uE001/g, (_, i) => kept[Number(i)]!);
}
