import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { MarkdownRenderer } from 'vitepress';

/**
 * Puts SVG pictures into the page itself, with their alternative text as their name: then they follow the page's colours when
 * somebody switches between light and dark, which a picture in a file of its own cannot.
 */
export function inlinePictures(md: MarkdownRenderer): void {
  const other = md.renderer.rules.image!;
  md.renderer.rules.image = (...rendered) => {
    const [tokens, index, , env] = rendered;
    const token = tokens[index]!;
    const source = token.attrGet('src') ?? '';
    if (!/^\.{1,2}\/.*\.svg$/.test(source)) return other(...rendered);
    const svg = readFileSync(join(dirname((env as { readonly path: string }).path), source), 'utf8');
    const name = md.utils.escapeHtml(token.content);
    const inner = svg
      .replace(/<style>[\s\S]*?<\/style>/, '')
      .replace(/<title>[\s\S]*?<\/title>/, '')
      .replace('<svg ', `<svg role="img" aria-label="${name}" `)
      // A blank line would end the HTML of the picture.
      .replaceAll(/\n\s*/g, '');
    // Wider than a phone, so it can be moved with the keyboard too.
    return `<span class="picture" tabindex="0">${inner}</span>`;
  };
}
