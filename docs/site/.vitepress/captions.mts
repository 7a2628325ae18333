import type { MarkdownRenderer } from 'vitepress';

/** Says above a block of code which file it is, or that it is what the command before prints. */
export function captions(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence!;
  md.renderer.rules.fence = (...rendered) => {
    const [tokens, index] = rendered;
    const info = tokens[index]!.info;
    const [, file] = /\sfile="([^"]+)"/.exec(info) ?? [];
    const caption = file ?? (/\soutput\b/.test(info) ? 'prints, among other lines' : undefined);
    const block = fence(...rendered);
    return caption === undefined ? block : `<p class="caption">${md.utils.escapeHtml(caption)}</p>${block}`;
  };
}
